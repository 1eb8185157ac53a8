package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tabcell/runtime/registry"
)

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
