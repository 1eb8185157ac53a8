package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
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
