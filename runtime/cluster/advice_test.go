package cluster

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

// The advice names nodes whose certificates were not renewed, and versions that differ. A node that
// does not answer has neither.
func TestAdviseNodes(t *testing.T) {
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	node := func(name, build string, left time.Duration) NodeStatus {
		return NodeStatus{Name: name, Build: build, State: StateFollower, CertificateExpires: now.Add(left)}
	}
	lost := node("node9", "0.1", -time.Hour)
	lost.State = StateUnreachable
	for _, c := range []struct {
		nodes []NodeStatus
		want  []string
	}{
		{[]NodeStatus{node("node1", "1.2", renewBefore), node("node2", "1.2", lateRenewal), lost}, nil},
		{[]NodeStatus{node("node1", "1.2", lateRenewal-time.Minute)}, []string{"node1 expires in 167 hours"}},
		{[]NodeStatus{node("node1", "1.2", 0)}, []string{"node1 has expired"}},
		{[]NodeStatus{node("node1", "1.3", renewBefore), node("node2", "1.2", renewBefore)}, []string{"versions 1.2, 1.3"}},
	} {
		s := Status{Nodes: c.nodes}
		s.adviseNodes(now)
		if len(s.Advice) != len(c.want) {
			t.Errorf("%+v: %q", c.nodes, s.Advice)
			continue
		}
		for i, part := range c.want {
			if !strings.Contains(s.Advice[i], part) {
				t.Errorf("%q has no %q", s.Advice[i], part)
			}
		}
	}
}

// The delay of a node is the age of the first entry that it lacks.
func TestDelays(t *testing.T) {
	store, err := openLogStore(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for index, age := range map[uint64]time.Duration{5: time.Minute, 6: 2 * time.Second, 7: -time.Second} { // the clock of the leader is ahead
		if err := store.StoreLog(&raft.Log{Index: index, AppendedAt: now.Add(-age)}); err != nil {
			t.Fatal(err)
		}
	}
	n := &Node{store: store}
	if age := n.age(6, now); age < 0 || age > time.Minute {
		t.Errorf("an entry that arrived just now is %v old", age)
	}
	store.arrivals = arrivals{} // as after a restart
	for _, c := range []struct {
		node NodeStatus
		want time.Duration
	}{
		{NodeStatus{State: StateFollower, Applied: 7}, 0},
		{NodeStatus{State: StateFollower, Applied: 6, Lag: 1}, 0},
		{NodeStatus{State: StateFollower, Applied: 5, Lag: 2}, 2 * time.Second},
		{NodeStatus{State: StateFollower, Applied: 1, Lag: 6}, time.Minute}, // the log begins later
		{NodeStatus{State: StateFollower, Applied: 7, Lag: 3}, -1},          // this node lacks it, too
		{NodeStatus{State: StateUnreachable}, -1},
	} {
		s := Status{Nodes: []NodeStatus{c.node}}
		n.measureDelays(&s, now)
		if got := s.Nodes[0].Delay; got != c.want {
			t.Errorf("%+v: delay %v, want %v", c.node, got, c.want)
		}
	}
}
