package httpapi

import (
	"cmp"
	"context"

	"tabcell/runtime/registry"
)

// Replication makes changes of endpoints on all servers of a cluster. Models and Backup then read
// the endpoints of this server only.
type Replication interface {
	// As returns a store that makes changes on behalf of a caller. Besides the errors of the registry,
	// its methods return *UnavailableError and *UnclearError.
	As(ctx context.Context, c Caller) ReplicatedModels
	// CatchUp waits until this server has all changes that were answered before the call. Its error is
	// *UnavailableError.
	CatchUp(ctx context.Context) error
	// Status returns the state of the cluster in a form that encoding/json accepts.
	Status(ctx context.Context) any
}

// ReplicatedModels changes endpoints on all servers. registry.Registry documents the methods.
type ReplicatedModels interface {
	changes
	Restore(s *registry.Staged, replace bool) (registry.Endpoint, registry.Outcome, error)
}

// changes has the methods of Models that change endpoints.
type changes interface {
	Deploy(d registry.Deployment) (registry.Endpoint, error)
	UpdateMetadata(name string, change func(*registry.Metadata)) (registry.Endpoint, error)
	Rollback(name string, number int, author string) (registry.Endpoint, error)
	Remove(name string) error
}

// Caller is the client of a change, which this server has authenticated and authorized.
type Caller struct {
	User    string
	Roles   []string
	Address string
}

// UnavailableError reports that a change was not made, nor begun, because of the state of the
// cluster. Evaluations and queries are not affected.
type UnavailableError struct{ Reason string }

func (e *UnavailableError) Error() string { return e.Reason }

// UnclearError reports that it is unknown whether a change was made.
type UnclearError struct{ Reason string }

func (e *UnclearError) Error() string { return e.Reason }

// unavailableFailure and unclearFailure are the responses. Load balancers may repeat a request after
// a 503, but not after a 504.
func unavailableFailure(_ *API, e *UnavailableError) failure {
	return failure{503, "The endpoints cannot be changed at the moment.", truncate(e.Reason), 1}
}

func unclearFailure(_ *API, e *UnclearError) failure {
	return failure{504, "The change may or may not have been made. Look at the endpoint, and repeat the change if necessary.", truncate(e.Reason), 0}
}

// callerOf returns the client of the request in ctx.
func callerOf(ctx context.Context) Caller {
	req, ok := ctx.Value(requestKey{}).(*request)
	if !ok {
		return Caller{}
	}
	c := Caller{User: req.user.Account, Address: req.clientAddr()}
	for i, name := range roleNames {
		if granted := req.user.Roles & req.user.Scopes; granted&(1<<i) != 0 {
			c.Roles = append(c.Roles, name)
		}
	}
	return c
}

// changer returns the store through which the request in ctx changes endpoints.
func (c *catalog) changer(ctx context.Context) changes {
	if c.replication == nil {
		return c.Models
	}
	return c.replication.As(ctx, callerOf(ctx))
}

// current returns an endpoint from which a change is computed, or the zero value if there is none. A
// server that lags catches up first, so that it refuses no change because of an old state. The error
// is *UnavailableError if it cannot.
func (c *catalog) current(ctx context.Context, name string) (registry.Endpoint, error) {
	if err := c.catchUp(ctx); err != nil {
		return registry.Endpoint{}, err
	}
	e, _ := c.Get(name)
	return e, nil
}

// catchUp waits until this server has all changes that were answered before the call.
func (c *catalog) catchUp(ctx context.Context) error {
	if c.replication == nil {
		return nil
	}
	return c.replication.CatchUp(ctx)
}

// lockChanges serializes the changes of a single server until unlock is called. A cluster orders
// them itself.
func (c *catalog) lockChanges() (unlock func()) {
	if c.replication != nil {
		return func() {}
	}
	c.changeMu.Lock()
	return c.changeMu.Unlock
}

// Replicated makes a change that has arrived from the cluster effective: it releases the previous
// version and loads the new one, so that /status shows its state. It returns when that is done or
// ctx is done. A zero Endpoint is absent.
func (a *API) Replicated(ctx context.Context, old, e registry.Endpoint) {
	name := cmp.Or(old.Name, e.Name)
	if old.Version == e.Version && old.Current().Digest() != e.Current().Digest() { // restored from an archive
		a.models.mu.Lock()
		delete(a.models.records, name)
		a.models.mu.Unlock()
	}
	if old.Name != "" {
		a.models.forgetReplaced(old)
	}
	_ = a.models.loadStored(ctx, name) // its only error is that of ctx
}
