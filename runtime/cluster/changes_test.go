package cluster

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

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

// Changes through any node reach all nodes, and the answer comes after they have been applied.
func TestChanges(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	leader, follower := c.waitLeader(), c.follower()
	for i, n := range []*testNode{leader, follower} {
		e := c.deploy(n, "m", fmt.Sprint("code ", i))
		if e.Version != i+1 || e.Current().Author != "ann" {
			t.Errorf("deployment %d: version %d by %q", i, e.Version, e.Current().Author)
		}
		for _, other := range c.nodes {
			if got, _ := other.registry.Get("m"); got.Version != i+1 {
				t.Errorf("%s serves version %d after the answer, want %d", other.name, got.Version, i+1)
			}
		}
	}
	if e, err := as(follower).Rollback("m", 0, "bob"); err != nil || e.Version != 3 || e.Current().CopyOf != 1 || e.Current().Author != "bob" {
		t.Errorf("rollback: %+v, %v", e.Current(), err)
	}
	e, err := as(follower).UpdateMetadata("m", func(m *registry.Metadata) { m.Description = "<b>" })
	if err != nil || e.Description != "<b>" || e.Version != 3 {
		t.Errorf("update: %+v, %v", e, err)
	}
	if _, err := as(follower).Deploy(registry.Deployment{Name: "alias", Target: "m"}); err != nil {
		t.Error(err)
	}
	if err := as(follower).Remove("m"); !errors.Is(err, registry.ErrInUse) {
		t.Errorf("removing the target of an alias: %v", err)
	}
	c.same(c.nodes...)
	if err := errors.Join(as(leader).Remove("alias"), as(follower).Remove("m")); err != nil {
		t.Error(err)
	}
	if err := as(follower).Remove("m"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("removing twice: %v", err)
	}
	c.same(c.nodes...)
}
