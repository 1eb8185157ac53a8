package cluster

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"tabcell/runtime/registry"
)

// Nodes are promoted, demoted and removed; a removed node is refused; a node that leaves becomes a
// single server with the same endpoints.
func TestMembership(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	leader, n := c.waitLeader(), c.follower()
	c.deploy(n, "m", "1")
	client, err := Dial(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	if err := client.Demote(ctx, n.name); err != nil {
		t.Fatal(err)
	}
	c.eventually("two vote", func() error { return c.voters(2) })
	if err := errors.Join(client.Demote(ctx, n.name), client.Promote(ctx, n.name), client.Promote(ctx, n.identity.Node)); err != nil {
		t.Fatal(err)
	}
	c.eventually("three vote", func() error { return c.voters(3) })
	if err := client.Remove(ctx, "nobody", false); !errors.Is(err, ErrNoNode) || !strings.Contains(err.Error(), "n0, n1, n2") {
		t.Errorf("removing an unknown node: %v", err)
	}
	if err := client.Demote(ctx, leader.name); err != nil {
		t.Errorf("demoting the leader: %v", err)
	}
	c.eventually("two vote", func() error { return c.voters(2) })
	if err := client.Remove(ctx, leader.name, false); err != nil {
		t.Errorf("removing the former leader: %v", err)
	}
	rest := []*testNode{}
	for _, other := range c.nodes {
		if other != leader {
			rest = append(rest, other)
		}
	}
	c.nodes = rest
	c.deploy(n, "m", "2")
	if _, err := as(leader).Deploy(source("m", "3")); err == nil {
		t.Error("a removed node has changed an endpoint")
	}
	if err := client.Leave(ctx, true); err != nil {
		t.Errorf("leaving: %v", err)
	}
	c.stop(n)
	id, err := ReadIdentity(n.dir)
	if err != nil || !id.Left {
		t.Errorf("%+v, %v", id, err)
	}
	if err := registry.ReleaseReplicated(n.models); err != nil {
		t.Error(err)
	}
	r, err := registry.Open(n.models, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := r.Get("m"); e.Version != 2 {
		t.Errorf("after leaving, version %d", e.Version)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if again, err := Init(n.dir, InitOptions{Name: "single", Advertise: n.address}); err != nil || again.Cluster == id.Cluster {
		t.Errorf("a new cluster after leaving: %+v, %v", again, err)
	}
}

// The authority is replaced while the cluster works, and certificates of the old one are refused
// afterwards.
func TestRotateCA(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	old := c.nodes[0].machine.authorities()[0]
	client, err := Dial(c.nodes[1].dir)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := errors.Join(client.RotateCA(context.Background()), client.RotateCA(context.Background())); err != nil {
		t.Fatal(err)
	}
	c.eventually("the old authority is gone", func() error {
		for _, n := range c.nodes {
			all := n.machine.authorities()
			bundle, err := readFile(n.dir, bundleFile)
			if err != nil || len(all) != 1 || all[0].fingerprint() == old.fingerprint() || !bytes.Equal(bundle, []byte(all[0].Certificate)) {
				return errors.New("there are two authorities, or the old one")
			}
		}
		return nil
	})
	c.deploy(c.nodes[2], "m", "1")
	c.same(c.nodes...)
	n := c.nodes[0]
	if conn, err := dialAs(n.address, httpProtocol, issue(t, old, n.identity.Cluster, c.nodes[1].identity.Node)); err == nil {
		if status := request(t, conn, statusPath); status == 200 {
			t.Error("a certificate of the old authority is accepted")
		}
	}
	c.join("n3")
	c.eventually("four vote", func() error { return c.voters(4) })
}

// A node with another address reports it, and stays a member.
func TestAddressChange(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	n := c.follower()
	c.stop(n)
	moved := c.prepare("moved", nil)
	n.address = moved.address
	c.net.mu.Lock()
	c.net.names[n.address] = n.name
	c.net.mu.Unlock()
	c.startWith(n, Config{Advertise: n.address})
	c.eventually("the leader knows the address", func() error {
		s, _ := c.waitLeader().consensus.find(n.identity.Node)
		return errorUnless(s.Address == n.address && s.Voter, s.Address)
	})
	c.deploy(n, "m", "1")
	c.same(c.nodes...)
}
