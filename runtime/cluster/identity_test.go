package cluster

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/runtime/registry"
)

// A starting node refuses folders that others can read, and a folder in use.
func TestDataFolder(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	if lock, err := openDataFolder(n.dir); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("the folder of a running node: %v, %v", lock, err)
	}
	if id, err := Init(n.dir, InitOptions{}); err != nil || id.Node != n.identity.Node {
		t.Errorf("a repeated Init of a running node: %+v, %v", id, err)
	}
	if _, err := ReadIdentity(t.TempDir() + "/none"); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("%v", err)
	}
	if _, err := Dial(t.TempDir() + "/none"); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("%v", err)
	}
	c.stop(n)
	if client, err := Dial(n.dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("%v %v", client, err)
	}
	id, err := Init(n.dir, InitOptions{Name: n.name, Advertise: n.address})
	if err != nil || id.Node != n.identity.Node {
		t.Errorf("a repeated Init: %+v, %v", id, err)
	}
	if _, err := Init(n.dir, InitOptions{Name: "other"}); err == nil {
		t.Error("a repeated Init with another name")
	}
	for _, address := range []string{"", "x", "0.0.0.0:1", ":9005", "[::]:5", "a:0", "a:99999", "a b:1", "x'y:1"} {
		if _, err := Init(t.TempDir()+"/x", InitOptions{Name: "a", Advertise: address}); err == nil {
			t.Errorf("the address %q is accepted", address)
		}
	}
	if err := checkAddress("[10.1.2.3]:9005"); err != nil {
		t.Error(err)
	}
}

// The endpoints of a server that joins are not replaced without notice.
func TestJoinKeepsOwnEndpoints(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.prepare("n1", func(r *registry.Registry) {
		if _, err := r.Deploy(source("own", "1")); err != nil {
			t.Fatal(err)
		}
	})
	c.must(Join(context.Background(), n.dir, JoinOptions{Name: "n1", Advertise: n.address, Peer: c.nodes[0].address, Token: c.newToken(TokenOptions{})}))
	r, err := registry.Open(n.models, registry.Options{Replicated: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	listener, err := net.Listen("tcp", n.address)
	if err != nil {
		t.Fatal(err)
	}
	if started, err := Start(context.Background(), Config{Dir: n.dir, Registry: r, Listener: listener}); err == nil || !strings.Contains(err.Error(), "1 endpoints of its own") {
		t.Errorf("%v, %v", started, err)
	}
	if len(r.List()) != 1 {
		t.Error("the endpoint is gone")
	}
	id, err := readIdentity(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	id.Discard = true // as JoinOptions.Discard does
	if err := errors.Join(id.write(n.dir), r.Close()); err != nil {
		t.Fatal(err)
	}
	c.start(n)
	c.same(c.nodes...)
	folders, err := filepath.Glob(filepath.Join(n.models, "before-cluster-*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("%v, %v", folders, err)
	}
	old, err := registry.Open(folders[0], registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if e, ok := old.Get("own"); !ok {
		t.Error("the endpoint is gone")
	} else if text, err := old.Content(e.Current()); err != nil || string(text) != "1" {
		t.Errorf("%q, %v", text, err)
	}
}
