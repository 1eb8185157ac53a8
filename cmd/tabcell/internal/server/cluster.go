package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/httpapi"
	"tabcell/runtime/cluster"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// node is the part of a service that makes it a node of a cluster.
type node struct {
	*cluster.Node
	changes changeQueue
}

// isNode reports whether the folder of the cluster has an identity. A node that has left its
// cluster becomes a single server again, with its endpoints.
func isNode(s settings.Settings) (bool, error) {
	if s.Cluster.Path == "" || s.Models.Path == "" {
		return false, nil
	}
	id, err := cluster.ReadIdentity(s.Cluster.Path)
	switch {
	case errors.Is(err, cluster.ErrNoIdentity):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("the identity of this node of a cluster cannot be read (TABCELL_CLUSTER_PATH): %w", err)
	case id.Left:
		return false, registry.ReleaseReplicated(s.Models.Path)
	}
	return true, nil
}

// openNode starts the node of the cluster, unless this is a single server.
func (s *service) openNode() error {
	is, err := isNode(s.settings)
	if err != nil || !is {
		return err
	}
	c := s.settings.Cluster
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("the node of the cluster cannot listen on %s; choose another address with TABCELL_CLUSTER_LISTEN: %w", c.Listen, err)
	}
	n := &node{changes: changeQueue{ready: make(chan struct{}, 1)}}
	n.Node, err = cluster.Start(context.Background(), cluster.Config{
		Dir: c.Path, Registry: s.registry, Limits: endpoints.RegistryOptions(s.settings.Models), Listener: listener, Advertise: c.Advertised(),
		Build: buildinfo.Current().Version, Voters: c.Voters, Log: s.log, OnChange: n.changes.add,
	})
	if err != nil {
		return err
	}
	s.node = n
	return nil
}

// closeNode stops the node of the cluster. The models folder is closed after it.
func (s *service) closeNode() {
	if s.node == nil {
		return
	}
	if err := s.node.Close(); err != nil {
		s.log.Warn().Err(err).Msg("the node of the cluster was not closed in order")
	}
}

// withNode makes changes of endpoints those of the cluster.
func (s *service) withNode(deps httpapi.Deps) httpapi.Deps {
	if s.node != nil {
		deps.ClusterStats = clusterStats{s.node.Node}
		deps.Models, deps.Replication, deps.Readiness = nodeModels{s.registry, s.node.Node}, replication{s.node.Node}, nodeReadiness{&s.draining, deps.Readiness, s.node.Node}
	}
	return deps
}

// nodeModels reads the endpoints of this node. Damaged code is replaced from other nodes.
type nodeModels struct {
	*registry.Registry
	node *cluster.Node
}

// Content implements httpapi.Models.
func (m nodeModels) Content(v registry.Version) ([]byte, error) { return m.node.Content(v) }

// nodeReadiness is not ready until the node has caught up with the cluster.
type nodeReadiness struct {
	draining *atomic.Bool
	engine   httpapi.Readiness
	node     *cluster.Node
}

// Ready implements httpapi.Readiness.
func (r nodeReadiness) Ready() error {
	if r.draining.Load() {
		return errors.New("the server is shutting down")
	}
	if err := r.engine.Ready(); err != nil {
		return err
	}
	return r.node.Ready()
}

// replication implements httpapi.Replication.
type replication struct{ node *cluster.Node }

// As implements httpapi.Replication.
func (r replication) As(ctx context.Context, c httpapi.Caller) httpapi.ReplicatedModels {
	return session{r.node.As(ctx, cluster.Caller(c))}
}

// CatchUp implements httpapi.Replication.
func (r replication) CatchUp(ctx context.Context) error { return clusterError(r.node.CatchUp(ctx)) }

// Status implements httpapi.Replication.
func (r replication) Status(ctx context.Context) any { return r.node.Status(ctx) }

// session implements httpapi.ReplicatedModels. It translates the errors of the cluster.
type session struct{ changes *cluster.Session }

// Deploy implements httpapi.ReplicatedModels.
func (s session) Deploy(d registry.Deployment) (registry.Endpoint, error) {
	e, err := s.changes.Deploy(d)
	return e, clusterError(err)
}

// UpdateMetadata implements httpapi.ReplicatedModels.
func (s session) UpdateMetadata(name string, change func(*registry.Metadata)) (registry.Endpoint, error) {
	e, err := s.changes.UpdateMetadata(name, change)
	return e, clusterError(err)
}

// Rollback implements httpapi.ReplicatedModels.
func (s session) Rollback(name string, number int, author string) (registry.Endpoint, error) {
	e, err := s.changes.Rollback(name, number, author)
	return e, clusterError(err)
}

// Remove implements httpapi.ReplicatedModels.
func (s session) Remove(name string) error { return clusterError(s.changes.Remove(name)) }

// Restore implements httpapi.ReplicatedModels.
func (s session) Restore(staged *registry.Staged, replace bool) (registry.Endpoint, registry.Outcome, error) {
	e, outcome, err := s.changes.Restore(staged, replace)
	return e, outcome, clusterError(err)
}

// clusterError returns the error of the API for an error of the cluster.
func clusterError(err error) error {
	unavailable, ok := errors.AsType[*cluster.UnavailableError](err)
	switch {
	case ok:
		return &httpapi.UnavailableError{Reason: unavailable.Reason}
	case errors.Is(err, cluster.ErrUnclear):
		return &httpapi.UnclearError{Reason: err.Error()}
	}
	return err
}

// changeQueue has the changes of the cluster that the API has not been told yet.
type changeQueue struct {
	ready chan struct{} // has an element if the queue is not empty

	mu   sync.Mutex
	list []change
}

type change struct{ old, now registry.Endpoint }

func (q *changeQueue) add(old, now registry.Endpoint) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, change{old, now})
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take waits for changes and returns them. It returns nil when ctx is done.
func (q *changeQueue) take(ctx context.Context) []change {
	select {
	case <-q.ready:
	case <-ctx.Done():
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list = nil
	return list
}

// followCluster tells the API about changes until ctx is done.
func (s *service) followCluster(ctx context.Context) {
	for s.node != nil && ctx.Err() == nil {
		for _, c := range s.node.changes.take(ctx) {
			s.api.Replicated(ctx, c.old, c.now)
		}
	}
}

// drainTime is how long a node of a cluster is not ready before it stops accepting requests, so that
// load balancers notice. HAProxy's example needs two failed checks, which take two seconds, and more
// on a busy machine.
const drainTime = 5 * time.Second

// drain makes the load balancers send their requests to other nodes, and gives up the leadership.
func (s *service) drain(ctx context.Context) {
	if s.node == nil {
		return
	}
	s.draining.Store(true)
	s.http.SetKeepAlivesEnabled(false)
	wait := time.After(drainTime)
	if err := s.node.Drain(ctx); err != nil {
		s.log.Info().Err(err).Msg("the leadership of the cluster could not be handed over")
	}
	select {
	case <-wait:
	case <-ctx.Done():
	}
}
