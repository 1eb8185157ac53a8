package cluster

import (
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/raft"
)

// replication is the transport of Raft, as the leader needs it. After an error, Raft doubles a pause
// before the next entries or snapshot for that node, up to ten seconds, and does not end the pause
// when the node answers again. Therefore replication reports no error while this node leads: it
// waits until a heartbeat gets an answer, and sends the message again.
type replication struct {
	*raft.NetworkTransport
	contacts *contacts
	rounds   *rounds
	wanted   func(term uint64, node string) bool // raftConsensus.leads
	leader   func() string                       // raftConsensus.lastLeader
	unfit    func() error                        // why this node should not become the leader, or nil
	send     func(raft.ServerID, raft.ServerAddress, *raft.AppendEntriesRequest, *raft.AppendEntriesResponse) error
}

func newReplication(t *raft.NetworkTransport, c *raftConsensus, log *logStore) *replication {
	unfit := func() error { return log.failed.within(unfitTime) }
	return &replication{t, c.contacts, c.rounds, c.leads, c.lastLeader, unfit, t.AppendEntries}
}

// unfitTime is how long a node holds no election after it could not write its log. Raft makes a leader
// step down in this case, and without the pause the same node might win the next election. The time is
// limited, because the log of a node without a leader is not written.
const unfitTime = 10 * time.Second

const (
	// minResend and maxResend limit the pause between two attempts to send entries to a node that
	// answers heartbeats. It doubles.
	minResend = 10 * time.Millisecond
	maxResend = 500 * time.Millisecond
	// wantedCheck is how often a waiting message is checked for being wanted.
	wantedCheck = 200 * time.Millisecond
)

// AppendEntries implements raft.Transport.
func (t *replication) AppendEntries(id raft.ServerID, at raft.ServerAddress, q *raft.AppendEntriesRequest, r *raft.AppendEntriesResponse) error {
	if isHeartbeat(q) {
		return t.noted(id, func() error { return t.send(id, at, q, r) })
	}
	t.rounds.hold(id, q)
	for pause := minResend; ; pause = min(2*pause, maxResend) {
		if err := t.await(string(id), q.Term); err != nil {
			return err
		}
		err := t.send(id, at, q, r)
		if err == nil && r.Success {
			t.rounds.acknowledged(id, q)
		}
		if err == nil || !t.wanted(q.Term, string(id)) {
			return err
		}
		time.Sleep(pause)
	}
}

// isHeartbeat reports whether a message is a heartbeat, as raft.NetworkTransport does.
func isHeartbeat(q *raft.AppendEntriesRequest) bool {
	return q.PrevLogEntry == 0 && q.PrevLogTerm == 0 && len(q.Entries) == 0 && q.LeaderCommitIndex == 0
}

// InstallSnapshot implements raft.Transport. A snapshot is sent once.
func (t *replication) InstallSnapshot(
	id raft.ServerID, at raft.ServerAddress, q *raft.InstallSnapshotRequest, r *raft.InstallSnapshotResponse, data io.Reader,
) error {
	if err := t.await(string(id), q.Term); err != nil {
		return err
	}
	return t.NetworkTransport.InstallSnapshot(id, at, q, r, data)
}

// RequestVote implements raft.Transport.
func (t *replication) RequestVote(id raft.ServerID, at raft.ServerAddress, q *raft.RequestVoteRequest, r *raft.RequestVoteResponse) error {
	return t.noted(id, func() error { return t.NetworkTransport.RequestVote(id, at, q, r) })
}

// RequestPreVote implements raft.WithPreVote. This node holds an election because it does not hear
// the leader, which therefore is down until it answers. If this node is unfit, it sends no request.
func (t *replication) RequestPreVote(id raft.ServerID, at raft.ServerAddress, q *raft.RequestPreVoteRequest, r *raft.RequestPreVoteResponse) error {
	if t.leader() == string(id) {
		t.contacts.lost(string(id))
	}
	if err := t.unfit(); err != nil {
		return fmt.Errorf("this node cannot write its log: %w", err)
	}
	return t.noted(id, func() error { return t.NetworkTransport.RequestPreVote(id, at, q, r) })
}

// noted sends a message and notes whether it was answered.
func (t *replication) noted(id raft.ServerID, send func() error) error {
	t.contacts.sent(string(id))
	err := send()
	if err != nil {
		t.contacts.lost(string(id))
	} else {
		t.contacts.heard(string(id))
	}
	return err
}

// await waits until a node answers heartbeats. It returns an error if a message of a term is not
// wanted any more.
func (t *replication) await(node string, term uint64) error {
	check := time.NewTicker(wantedCheck)
	defer check.Stop()
	for {
		failed, changed := t.contacts.failed(node)
		if !failed {
			return nil
		}
		if !t.wanted(term, node) {
			return fmt.Errorf("%w: %s", errUnreachable, node)
		}
		select {
		case <-changed:
		case <-check.C:
		}
	}
}
