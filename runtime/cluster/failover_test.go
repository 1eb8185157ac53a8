package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

// briefly is how long a change waits for a leader in tests in which none comes.
const briefly = 2 * time.Second

// A cluster of five goes on when two nodes end, the leader among them, and those catch up when they
// come back.
func TestLeaderLost(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 5)
	c.deploy(c.waitLeader(), "before", "1")
	lost := []*testNode{c.waitLeader(), c.follower()}
	var rest []*testNode
	for _, n := range c.nodes {
		if n == lost[0] || n == lost[1] {
			c.stop(n)
		} else {
			rest = append(rest, n)
		}
	}
	c.nodes = rest
	start := time.Now()
	c.deploy(rest[0], "m", "2")
	t.Logf("the first deployment after the loss of the leader took %s", time.Since(start))
	if _, err := as(rest[1]).Rollback("before", 1, ""); err != nil {
		t.Error(err)
	}
	if err := as(rest[2]).Remove("before"); err != nil {
		t.Error(err)
	}
	for _, n := range lost {
		c.start(n)
	}
	c.same(c.nodes...)
}

// The side of a cut with the majority goes on. The other side refuses changes with the reason, goes
// on serving, and catches up afterwards.
func TestPartition(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	old := c.waitLeader()
	c.deploy(old, "m", "1")
	c.isolate(old, true)
	var other *testNode
	for _, n := range c.nodes {
		if n != old {
			other = n
		}
	}
	if e := c.deploy(other, "m", "2"); e.Version != 2 {
		t.Errorf("version %d", e.Version)
	}
	old.replica.leaderWait = briefly
	_, err := as(old).Deploy(source("m", "3"))
	if unavailable, ok := errors.AsType[*UnavailableError](err); (!ok || unavailable.Reason == "") && !errors.Is(err, ErrUnclear) {
		t.Errorf("the minority: %v", err)
	}
	if e, _ := old.registry.Get("m"); e.Version != 1 {
		t.Errorf("the minority serves version %d", e.Version)
	}
	if content, err := old.Content(mustGet(t, old, "m").Current()); err != nil || string(content) != "1" {
		t.Errorf("the minority serves %q, %v", content, err)
	}
	c.isolate(old, false)
	c.same(c.nodes...)
	if e := mustGet(t, old, "m"); string(content(t, old, "m")) != "2" {
		t.Errorf("afterwards version %d", e.Version)
	}
}

func mustGet(t *testing.T, n *testNode, name string) registry.Endpoint {
	t.Helper()
	e, ok := n.registry.Get(name)
	if !ok {
		t.Fatalf("%s does not serve %s", n.name, name)
	}
	return e
}

func content(t *testing.T, n *testNode, name string) []byte {
	t.Helper()
	text, err := n.Content(mustGet(t, n, name).Current())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Without a majority, a change is refused with the number of voters that are needed.
func TestNoMajority(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	last := c.follower()
	c.deploy(last, "m", "1")
	for _, n := range c.nodes {
		if n != last {
			c.stop(n)
		}
	}
	last.replica.leaderWait = briefly
	_, err := as(last).Deploy(source("m", "2"))
	unavailable, ok := errors.AsType[*UnavailableError](err)
	if !ok || !errors.Is(err, ErrNoMajority) || unavailable.Reason != "The cluster has no leader: 2 of its 3 voters must be reachable. Endpoints cannot be changed until then; evaluations and queries go on." {
		t.Errorf("%v", err)
	}
	if string(content(t, last, "m")) != "1" {
		t.Error("the endpoint is not served")
	}
	status := last.Status(context.Background())
	if status.Majority || len(status.Nodes) != 3 {
		t.Errorf("%+v", status)
	}
}

// All nodes end at once and come back with everything.
func TestRestartOfAll(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	for i := range 5 {
		c.deploy(c.nodes[i%3], fmt.Sprintf("m%d", i), fmt.Sprint(i))
	}
	if err := as(c.nodes[0]).Remove("m0"); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.nodes {
		c.stop(n)
	}
	for _, n := range c.nodes {
		c.start(n)
		if len(n.registry.List()) != 4 {
			t.Errorf("%s serves %d endpoints after its start", n.name, len(n.registry.List()))
		}
	}
	c.deploy(c.nodes[0], "m5", "5")
	c.same(c.nodes...)
}

// The endpoints of a single server become those of the cluster, with their history.
func TestFirstNodeKeepsEndpoints(t *testing.T) {
	t.Parallel()
	c := &testCluster{t: t, net: newNetwork()}
	n := c.prepare("n0", func(r *registry.Registry) {
		for i := range 3 {
			if _, err := r.Deploy(source("m", fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.Deploy(registry.Deployment{Name: "alias", Target: "m"}); err != nil {
			t.Fatal(err)
		}
	})
	c.must(Init(n.dir, InitOptions{Name: "n0", Advertise: n.address}))
	c.start(n)
	c.eventually("the node serves", func() error { return errorUnless(n.replica.isSynced(), "not synced") })
	if e := mustGet(t, n, "m"); e.Version != 3 || len(e.Versions) != 3 {
		t.Errorf("%d versions, the newest is %d", len(e.Versions), e.Version)
	}
	joined := c.join("n1")
	c.same(n, joined)
	if e := mustGet(t, joined, "m"); len(e.Versions) != 3 {
		t.Errorf("%d versions on the new node", len(e.Versions))
	}
	if _, err := os.Stat(filepath.Join(n.dir, authorityFile)); err == nil {
		t.Error("the key of the authority is still in the folder of the first node")
	}
	if _, err := registry.Open(n.models, registry.Options{ReadOnly: true}); err != nil {
		t.Error(err)
	}
	c.stop(joined)
	if r, err := registry.Open(joined.models, registry.Options{}); !errors.Is(err, registry.ErrReplicated) {
		t.Errorf("a single server opens the folder of a node: %v %v", r, err)
	}
}

// A damaged or missing file is replaced from another node: when it is read, and in the background.
func TestRepair(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	n := c.follower()
	c.deploy(n, "m", "the code")
	c.same(c.nodes...)
	path := filepath.Join(n.models, "code", mustGet(t, n, "m").Current().Sum)
	for name, damage := range map[string]func() error{
		"changed": func() error { return os.WriteFile(path, []byte("the bode"), 0o600) },
		"short":   func() error { return os.WriteFile(path, []byte("the"), 0o600) },
		"missing": func() error { return os.Remove(path) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if got := content(t, n, "m"); string(got) != "the code" {
			t.Errorf("%s: %q", name, got)
		}
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		n.replica.verifyAfter(context.Background(), "")
		if text, err := os.ReadFile(path); err != nil || string(text) != "the code" {
			t.Errorf("%s: after the verification: %q, %v", name, text, err)
		}
	}
	if e, err := as(n).Rollback("m", 1, ""); err != nil || e.Version != 2 {
		t.Errorf("rollback: %v", err)
	}
}

// A node that lacks blobs fetches them, also those that it got while it was away.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	away := c.follower()
	c.stop(away)
	rest := []*testNode{}
	for _, n := range c.nodes {
		if n != away {
			rest = append(rest, n)
		}
	}
	c.nodes = rest
	for i := range 20 {
		c.deploy(rest[i%2], fmt.Sprintf("m%d", i%7), fmt.Sprint("code ", i))
	}
	leader := c.waitLeader()
	if err := leader.consensus.raft.Load().Snapshot().Error(); err != nil { // the log alone would do otherwise
		t.Fatal(err)
	}
	c.start(away)
	c.same(c.nodes...)
}

// Concurrent changes of one endpoint through all nodes get different versions, without gaps.
func TestConcurrentChanges(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	const each = 8
	versions := make(chan int, 3*each)
	var group sync.WaitGroup
	for _, n := range c.nodes {
		group.Go(func() {
			for i := range each {
				e, err := as(n).Deploy(source("m", fmt.Sprint(n.name, i)))
				if err != nil {
					t.Error(err)
				}
				versions <- e.Version
			}
		})
	}
	for i := range each {
		if _, err := as(c.nodes[i%3]).UpdateMetadata("m", func(m *registry.Metadata) { m.Description += "x" }); err != nil && !errors.Is(err, registry.ErrNotFound) {
			t.Error(err)
		}
	}
	group.Wait()
	close(versions)
	seen := map[int]bool{}
	for v := range versions {
		if seen[v] || v < 1 || v > 3*each {
			t.Errorf("version %d twice or out of range", v)
		}
		seen[v] = true
	}
	c.same(c.nodes...)
}

// Acknowledged deployments survive the repeated loss of leaders.
func TestAcknowledgedSurvive(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	for _, n := range c.nodes {
		n.replica.leaderWait = briefly
	}
	acknowledged := map[string]string{}
	for round := range 3 {
		leader := c.waitLeader()
		done := make(chan struct{})
		go func() {
			defer close(done)
			time.Sleep(30 * time.Millisecond)
			c.isolate(leader, true)
		}()
		for i := range 6 {
			name, code := fmt.Sprintf("m%d-%d", round, i), fmt.Sprint(round, i)
			if _, err := as(c.nodes[i%3]).Deploy(source(name, code)); err == nil {
				acknowledged[name] = code
			}
		}
		<-done
		c.isolate(leader, false)
	}
	c.same(c.nodes...)
	if len(acknowledged) == 0 {
		t.Error("no deployment was acknowledged")
	}
	for name, code := range acknowledged {
		for _, n := range c.nodes {
			if got := content(t, n, name); string(got) != code {
				t.Errorf("%s: %s is %q, want %q", n.name, name, got, code)
			}
		}
	}
}
