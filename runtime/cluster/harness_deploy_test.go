package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

var deployer = Caller{User: "ann", Roles: []string{"deploy"}, Address: "192.0.2.1"}

// as returns a session on a node.
func as(n *testNode) *Session { return n.As(context.Background(), deployer) }

// source returns a deployment of a model.
func source(name, code string) registry.Deployment {
	return registry.Deployment{Name: name, Replace: true, Author: "ann", Code: registry.Code{Kind: registry.Source, Function: "f", Content: []byte(code)}}
}

// deploy deploys a model through a node.
func (c *testCluster) deploy(n *testNode, name, code string) registry.Endpoint {
	c.t.Helper()
	e, err := as(n).Deploy(source(name, code))
	if err != nil {
		c.t.Fatalf("deploying %s on %s: %v", name, n.name, err)
	}
	return e
}

// same waits until all nodes serve the same endpoints with their code.
func (c *testCluster) same(nodes ...*testNode) {
	c.t.Helper()
	c.eventually("all nodes serve the same", func() error {
		for _, n := range nodes {
			if err := equalLists(nodes[0].registry.List(), n.registry.List()); err != nil {
				return fmt.Errorf("%s and %s: %w", nodes[0].name, n.name, err)
			}
			for _, e := range n.registry.List() {
				for _, v := range e.Versions {
					if _, err := n.registry.Content(v); err != nil {
						return fmt.Errorf("%s: %s: %w", n.name, e.Name, err)
					}
				}
			}
		}
		return nil
	})
}

func equalLists(a, b []registry.Endpoint) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d and %d endpoints", len(a), len(b))
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return fmt.Errorf("%q version %d and %q version %d", a[i].Name, a[i].Version, b[i].Name, b[i].Version)
		}
	}
	return nil
}

// voters returns an error unless the leader knows n voters.
func (c *testCluster) voters(n int) error {
	leader := c.leader()
	if leader == nil {
		return errors.New("there is no leader")
	}
	if got := len(leader.replica.voters()); got != n {
		return fmt.Errorf("%d voters, want %d", got, n)
	}
	return nil
}

// leader returns the established leader that a majority follows, or nil.
func (c *testCluster) leader() *testNode {
	for _, n := range c.nodes {
		if n.consensus.established() && n.consensus.verify(context.Background()) == nil {
			return n
		}
	}
	return nil
}

// waitLeader waits for a leader.
func (c *testCluster) waitLeader() *testNode {
	c.t.Helper()
	var leader *testNode
	c.eventually("there is a leader", func() error {
		leader = c.leader()
		return errorUnless(leader != nil, "none")
	})
	return leader
}

// follower returns a running node that is not the leader.
func (c *testCluster) follower() *testNode {
	c.t.Helper()
	leader := c.waitLeader()
	for _, n := range c.nodes {
		if n != leader {
			return n
		}
	}
	return nil
}

// eventually waits until check returns nil.
func (c *testCluster) eventually(what string, check func() error) {
	c.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	c.t.Fatalf("%s: not after %s: %v", what, patience, err)
}

func errorUnless(ok bool, text string) error {
	if ok {
		return nil
	}
	return errors.New(text)
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
