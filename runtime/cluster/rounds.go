package cluster

import (
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// rounds holds back messages that tell a follower nothing. Raft sends the commit index of the leader
// with the next entries, or else once in timing.commit, whether it has changed or not. With rounds,
// that time can be short, so that followers apply a change soon, and an idle cluster stays idle. It
// is safe for concurrent use.
type rounds struct {
	mu    sync.Mutex
	busy  int                      // proposals under way
	began chan struct{}            // closed and replaced when busy becomes positive
	told  map[raft.ServerID]toldOf // what each follower has acknowledged
}

// toldOf is the commit index that a follower has learned from the leader of a term.
type toldOf struct{ term, commit uint64 }

// idleRound is how long a message that tells nothing is held back.
const idleRound = 50 * time.Millisecond

func newRounds() *rounds {
	return &rounds{began: make(chan struct{}), told: map[raft.ServerID]toldOf{}}
}

// begin ends all waits, and prevents others until end is called.
func (r *rounds) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy++; r.busy == 1 {
		close(r.began)
		r.began = make(chan struct{})
	}
}

func (r *rounds) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
}

// acknowledged notes that a follower has accepted a message.
func (r *rounds) acknowledged(id raft.ServerID, q *raft.AppendEntriesRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told[id] = toldOf{q.Term, q.LeaderCommitIndex}
}

// hold waits while a message tells its follower nothing, at most idleRound.
func (r *rounds) hold(id raft.ServerID, q *raft.AppendEntriesRequest) {
	r.mu.Lock()
	idle, began := r.busy == 0 && len(q.Entries) == 0 && r.told[id] == toldOf{q.Term, q.LeaderCommitIndex}, r.began
	r.mu.Unlock()
	if !idle {
		return
	}
	select {
	case <-began:
	case <-time.After(idleRound):
	}
}
