package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
	"github.com/rs/zerolog"

	"tabcell/runtime/registry"
)

// breakDisk makes all writes to the registry of a node fail, or ends that.
func (n *testNode) breakDisk(t *testing.T, broken bool) {
	t.Helper()
	from, to := filepath.Join(n.models, "tmp"), filepath.Join(n.models, "tmp.away")
	if !broken {
		from, to = to, from
	}
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// A leader that cannot store a model hands the leadership over, and so does the next one. If no voter
// can, the change is refused.
func TestLeaderWithFullDisk(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	good := c.follower()
	c.deploy(good, "m", "1")
	for _, n := range c.nodes {
		if n != good {
			n.breakDisk(t, true)
		}
	}
	if e := c.deploy(good, "m", "1"); e.Version != 2 { // all nodes have the code
		t.Errorf("version %d", e.Version)
	}
	_, err := as(good).Deploy(source("m", "2"))
	if _, ok := errors.AsType[*UnavailableError](err); !ok && !errors.Is(err, ErrUnclear) {
		t.Errorf("with one disk of three: %v", err)
	}
	if e := mustGet(t, good, "m"); e.Version != 2 {
		t.Errorf("a refused change made version %d", e.Version)
	}
	for _, n := range c.nodes {
		if n != good && n != c.waitLeader() {
			n.breakDisk(t, false)
			break
		}
	}
	var bad *testNode
	for _, n := range c.nodes {
		if _, err := os.Stat(filepath.Join(n.models, "tmp")); err != nil {
			bad = n
		}
	}
	c.eventually("the node with the full disk does not lead", func() error {
		if e := c.deploy(good, "m", "3"); e.Version == 0 {
			return errors.New("no version")
		}
		return errorUnless(c.waitLeader() != bad, "it leads")
	})
	bad.breakDisk(t, false)
	c.same(c.nodes...)
}

// A node with a full disk serves code that it lacks from another node.
func TestCodeForFullDisk(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	n := c.follower()
	c.deploy(n, "m", "the code")
	c.same(c.nodes...)
	n.breakDisk(t, true)
	code := filepath.Join(n.models, "code", mustGet(t, n, "m").Current().Sum)
	if err := os.Remove(code); err != nil {
		t.Fatal(err)
	}
	if got := string(content(t, n, "m")); got != "the code" {
		t.Errorf("it serves %q", got)
	}
	if _, err := os.Stat(code); err == nil {
		t.Error("the disk is not full")
	}
	n.breakDisk(t, false)
	if got := string(content(t, n, "m")); got != "the code" {
		t.Errorf("afterwards it serves %q", got)
	}
	if _, err := os.Stat(code); err != nil {
		t.Error(err)
	}
}

// A node whose log cannot be written asks for no votes for a while.
func TestUnfitNodeHoldsNoElection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink("cluster0", "node0000", noListener{}, zerolog.Nop())
		l.address = func(string) (string, bool) { return "", false }
		store := &logStore{}
		r := newReplication(newTransport(l, "", raft.DefaultConfig()), newConsensus(Identity{Node: "node0000"}, time.Second, zerolog.Nop()), store)
		full := errors.New("the disk is full")
		asks := func() bool {
			err := r.RequestPreVote("other", "other", &raft.RequestPreVoteRequest{}, &raft.RequestPreVoteResponse{})
			return !errors.Is(err, full)
		}
		store.failed.note(full)
		time.Sleep(unfitTime - time.Second)
		if asks() {
			t.Error("the node asks for votes at once")
		}
		time.Sleep(2 * time.Second)
		if !asks() {
			t.Error("the node never asks for votes again")
		}
		store.failed.note(full)
		store.failed.note(nil)
		if !asks() {
			t.Error("the node does not ask for votes although it can write its log")
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// silentLeader is a log whose leader does not answer, and is replaced after a second.
type silentLeader struct {
	consensus
	peers
	since time.Time
}

func (silentLeader) established() bool { return false }

func (s silentLeader) leader() string {
	if time.Since(s.since) < time.Second {
		return "silent"
	}
	return "next"
}

func (s silentLeader) readIndex(ctx context.Context, node string) (uint64, error) {
	if node == "next" {
		return 0, nil
	}
	<-ctx.Done()
	return 0, ErrUnclear
}

// A node that waits for the answer of a silent leader asks the next one as soon as it knows it.
func TestSilentLeaderIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := silentLeader{since: time.Now()}
		p := newReplica("self", nil, registry.Options{}, zerolog.Nop())
		p.log, p.peers, p.synced = s, s, true
		if err := p.catchUp(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(s.since); took > time.Second+3*retryDelay {
			t.Errorf("it asked the next leader after %v", took)
		}
	})
}
