package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"tabcell/httpapi"
	"tabcell/runtime/cluster"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// The errors of the cluster get the statuses that load balancers rely on.
func TestClusterError(t *testing.T) {
	unavailable := fmt.Errorf("more: %w", &cluster.UnavailableError{Reason: "no leader", Cause: cluster.ErrNoMajority})
	if e, ok := errors.AsType[*httpapi.UnavailableError](clusterError(unavailable)); !ok || e.Reason != "no leader" {
		t.Errorf("%v", clusterError(unavailable))
	}
	if _, ok := errors.AsType[*httpapi.UnclearError](clusterError(fmt.Errorf("x: %w", cluster.ErrUnclear))); !ok {
		t.Error("an unclear end is not reported")
	}
	if err := clusterError(registry.ErrExists); !errors.Is(err, registry.ErrExists) {
		t.Errorf("%v", err)
	}
	if clusterError(nil) != nil {
		t.Error("success is an error")
	}
}

// A folder without an identity is that of a single server, and so is that of a node that has left.
func TestIsNode(t *testing.T) {
	dir := t.TempDir()
	set := settings.Settings{Models: settings.Models{Path: filepath.Join(dir, "models")}, Cluster: settings.Cluster{Path: filepath.Join(dir, "cluster")}}
	check := func(want bool) {
		t.Helper()
		if is, err := isNode(set); is != want || err != nil {
			t.Errorf("%t, %v; want %t", is, err, want)
		}
	}
	check(false)
	if _, err := cluster.Init(set.Cluster.Path, cluster.InitOptions{Name: "n", Advertise: "127.0.0.1:9005"}); err != nil {
		t.Fatal(err)
	}
	check(true)
	r, err := registry.Open(set.Models.Path, registry.Options{Replicated: true})
	if err == nil {
		err = r.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(set.Cluster.Path, "identity.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	left := []byte(string(text[:len(text)-2]) + `,"left":true}`)
	if err := os.WriteFile(file, left, 0o600); err != nil {
		t.Fatal(err)
	}
	check(false)
	if registry.IsReplicated(set.Models.Path) {
		t.Error("the models folder of a node that has left is still that of a node")
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := isNode(set); err == nil {
		t.Error("a damaged identity is ignored")
	}
}

type readyEngine struct{}

func (readyEngine) Ready() error { return nil }

func TestNodeReadiness(t *testing.T) {
	var draining atomic.Bool
	draining.Store(true)
	if err := (nodeReadiness{&draining, readyEngine{}, nil}).Ready(); err == nil {
		t.Error("a node that is shutting down is ready")
	}
}

func TestChangeQueue(t *testing.T) {
	q := changeQueue{ready: make(chan struct{}, 1)}
	for i := range 3 {
		q.add(registry.Endpoint{}, registry.Endpoint{Version: i})
	}
	if list := q.take(context.Background()); len(list) != 3 || list[2].now.Version != 2 {
		t.Errorf("%+v", list)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if list := q.take(ctx); list != nil {
		t.Errorf("%+v", list)
	}
}
