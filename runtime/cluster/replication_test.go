package cluster

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"tabcell/runtime/registry"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
	"github.com/rs/zerolog"
)

// fakeTransport is a transport to one node, which may be away, and a Raft that sends heartbeats.
type fakeTransport struct {
	*replication
	away, leads atomic.Bool
	sent        atomic.Int32 // messages with entries
}

func newFakeTransport(ctx context.Context) *fakeTransport {
	f := &fakeTransport{}
	f.leads.Store(true)
	f.replication = &replication{contacts: newContacts(), rounds: newRounds(), wanted: func(uint64, string) bool { return f.leads.Load() }, send: f.answer}
	go func() {
		for pause(ctx, 100*time.Millisecond) {
			_ = f.AppendEntries("other", "other", &raft.AppendEntriesRequest{Term: 1}, &raft.AppendEntriesResponse{})
		}
	}()
	return f
}

func (f *fakeTransport) answer(_ raft.ServerID, _ raft.ServerAddress, q *raft.AppendEntriesRequest, r *raft.AppendEntriesResponse) error {
	if !isHeartbeat(q) {
		f.sent.Add(1)
	}
	time.Sleep(time.Millisecond)
	if f.away.Load() {
		return errors.New("no route to host")
	}
	r.Success = true
	return nil
}

// entries sends a message with an entry.
func (f *fakeTransport) entries() error {
	q := &raft.AppendEntriesRequest{Term: 1, PrevLogEntry: 1, Entries: []*raft.Log{{Index: 2}}}
	return f.AppendEntries("other", "other", q, &raft.AppendEntriesResponse{})
}

// A node that was away for long gets the entries as soon as it answers heartbeats, and few messages
// meanwhile.
func TestReplicationResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFakeTransport(ctx)
		f.away.Store(true)
		returned := time.Time{}
		go func() {
			if err := f.entries(); err != nil {
				t.Error(err)
			}
			returned = time.Now()
		}()
		time.Sleep(10 * time.Minute)
		if n := f.sent.Load(); n > 5 {
			t.Errorf("%d messages were sent to a node that is away", n)
		}
		f.away.Store(false)
		back := time.Now()
		time.Sleep(time.Minute)
		if took := returned.Sub(back); returned.IsZero() || took > time.Second {
			t.Errorf("the entries came %v after the node was back", took)
		}
		cancel()
		synctest.Wait()
	})
}

// A message that is not wanted any more is given up, while the node is away and while it answers.
func TestReplicationEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFakeTransport(ctx)
		f.away.Store(true)
		time.Sleep(time.Second) // a heartbeat fails
		ended := make(chan error, 2)
		go func() { ended <- f.entries() }()
		go func() {
			ended <- f.InstallSnapshot("other", "other", &raft.InstallSnapshotRequest{Term: 1}, nil, nil)
		}()
		time.Sleep(time.Minute)
		f.leads.Store(false)
		for range 2 {
			if err := <-ended; err == nil {
				t.Error("a message to a node that is away succeeded")
			}
		}
		cancel()
		synctest.Wait()
	})
}

// A leader whose messages get no answer is down from the beginning of the election on, and other
// nodes are after the time of silence.
func TestSilentNodesAreDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink("cluster0", "node0000", noListener{}, zerolog.Nop())
		l.address = func(node string) (string, bool) { return node, true }
		l.dialer = func(ctx context.Context, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		c := newConsensus(Identity{Node: "node0000"}, time.Second, zerolog.Nop())
		c.last = "leader"
		r := newReplication(newTransport(l, "", raft.DefaultConfig()), c, &logStore{})
		for _, node := range []raft.ServerID{"leader", "voter"} {
			go func() {
				_ = r.RequestPreVote(node, raft.ServerAddress(node), &raft.RequestPreVoteRequest{}, &raft.RequestPreVoteResponse{})
			}()
		}
		down := func(want ...bool) {
			t.Helper()
			if leader, voter := c.contacts.silent("leader", c.silence), c.contacts.silent("voter", c.silence); leader != want[0] || voter != want[1] {
				t.Errorf("down: %t, %t; want %v", leader, voter, want)
			}
		}
		synctest.Wait()
		down(true, false)
		time.Sleep(time.Second)
		down(true, true)
		c.contacts.heard("leader")
		c.contacts.heard("voter")
		down(false, false)
		time.Sleep(time.Minute) // the connections fail
		down(true, true)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// silentMember is a log with a member that is down after a second, and peers of which none answers.
type silentMember struct {
	consensus
	peers
	since time.Time
}

func (s silentMember) servers() []server {
	return []server{{ID: "self"}, {ID: "other", Down: time.Since(s.since) >= time.Second}}
}

func (silentMember) awaitServed(ctx context.Context, _ string, _ uint64) error {
	<-ctx.Done()
	return ctx.Err()
}

// The leader stops waiting for a member when it turns out to be down, and does not wait for it again.
func TestAwaitMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := silentMember{since: time.Now()}
		p := newReplica("self", nil, registry.Options{}, zerolog.Nop())
		p.log, p.peers, p.synced = s, s, true
		for _, want := range []time.Duration{time.Second, 0} {
			start := time.Now()
			p.awaitMembers(t.Context(), 0)
			if took := time.Since(start); took < want || took > want+2*retryDelay {
				t.Errorf("the leader waited %v, want %v", took, want)
			}
		}
	})
}

// Messages that tell a follower nothing are held back, until a change is proposed.
func TestIdleRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFakeTransport(ctx)
		send := func(commit uint64) time.Duration {
			start := time.Now()
			q := &raft.AppendEntriesRequest{Term: 1, PrevLogEntry: 1, LeaderCommitIndex: commit}
			if err := f.AppendEntries("other", "other", q, &raft.AppendEntriesResponse{}); err != nil {
				t.Error(err)
			}
			return time.Since(start) - time.Millisecond
		}
		for i, want := range []time.Duration{0, idleRound, idleRound} {
			if took := send(5); took != want {
				t.Errorf("message %d took %v, want %v", i, took, want)
			}
		}
		if took := send(6); took != 0 {
			t.Errorf("another commit index took %v", took)
		}
		go func() {
			time.Sleep(20 * time.Millisecond)
			f.rounds.begin()
		}()
		if took := send(6); took != 20*time.Millisecond {
			t.Errorf("with a proposal, a message took %v", took)
		}
		if took := send(6); took != 0 {
			t.Errorf("during a proposal, a message took %v", took)
		}
		f.rounds.end()
		if took := send(6); took != idleRound {
			t.Errorf("after a proposal, a message took %v", took)
		}
		cancel()
		synctest.Wait()
	})
}
