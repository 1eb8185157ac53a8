package cluster

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

// A node that lags changes the metadata of an endpoint that it does not have yet, and refuses that
// with the reason if it cannot catch up.
func TestMetadataOnLaggingNode(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	behind := c.follower()
	behind.replica.folder.Lock() // it applies nothing
	c.deploy(c.waitLeader(), "m", "1")
	changed := make(chan error, 1)
	go func() {
		_, err := as(behind).UpdateMetadata("m", func(m *registry.Metadata) { m.Description = "d" })
		changed <- err
	}()
	select {
	case err := <-changed:
		t.Errorf("the node that lags returned %v", err)
		changed <- err
	case <-time.After(200 * time.Millisecond):
	}
	behind.replica.folder.Unlock()
	if err := <-changed; err != nil {
		t.Error(err)
	}
	if e, _ := c.waitLeader().registry.Get("m"); e.Description != "d" {
		t.Errorf("the description is %q", e.Description)
	}
	if _, err := as(behind).UpdateMetadata("unknown", func(*registry.Metadata) {}); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("an unknown endpoint: %v", err)
	}
	c.isolate(behind, true)
	behind.replica.leaderWait = briefly
	_, err := as(behind).UpdateMetadata("unknown", func(*registry.Metadata) {})
	if _, ok := errors.AsType[*UnavailableError](err); !ok || errors.Is(err, registry.ErrNotFound) {
		t.Errorf("without contact: %v", err)
	}
}

// A node that has contact with the leader and does not catch up says so.
func TestCatchUpFails(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	n.replica.leaderWait = briefly
	n.replica.folder.Lock()
	n.replica.synced, n.replica.problem = false, errors.New("the disk is full")
	n.registry.Close() // keepSynced cannot write the folder
	n.replica.folder.Unlock()
	err := n.CatchUp(t.Context())
	if _, ok := errors.AsType[*UnavailableError](err); !ok || !strings.Contains(err.Error(), "has not caught up") || !strings.Contains(err.Error(), "Its problem: ") {
		t.Errorf("%v", err)
	}
}

// A node that lost its leader just now asks the next one.
func TestCatchUpAsksAgain(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	lost, other := c.waitLeader(), c.follower()
	c.deploy(lost, "m", "1") // all nodes know that three vote
	c.isolate(lost, true)
	if err := other.CatchUp(t.Context()); err != nil {
		t.Error(err)
	}
}
