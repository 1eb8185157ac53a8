package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"tabcell/runtime/osfile"
	"tabcell/runtime/registry"
)

// Session makes changes on behalf of a caller. Its methods are those of registry.Registry, and
// return when the change is committed and the reachable nodes serve it. Besides the errors of the
// registry, they return *UnavailableError if nothing was changed because of the state of the
// cluster, and ErrUnclear if the change may have been made.
type Session struct {
	node   *Node
	ctx    context.Context
	caller Caller
}

// As returns a session for a caller that this node has authenticated. ctx limits the changes.
func (n *Node) As(ctx context.Context, c Caller) *Session { return &Session{n, ctx, c} }

// Deploy creates an endpoint, or a new version of an existing one; see registry.Registry.Deploy.
func (s *Session) Deploy(d registry.Deployment) (registry.Endpoint, error) {
	p := s.node.replica
	if err := d.Check(p.limits.MaxBytes); err != nil {
		return registry.Endpoint{}, err
	}
	q := changeRequest{Kind: deployChange, Name: d.Name, Deployment: &d}
	if d.Target == "" {
		v := registry.Version{Sum: osfile.Digest(d.Code.Content), Size: int64(len(d.Code.Content))}
		p.blobs.pin(v.Sum)
		if !p.blobs.intact(v) {
			if err := p.blobs.store(v, bytes.NewReader(d.Code.Content)); err != nil {
				return registry.Endpoint{}, err
			}
		}
		q.Sum, q.Size, d.Code.Content = v.Sum, v.Size, nil
	}
	return s.change(q)
}

// maxConflicts is how often a change of metadata is computed again after another change.
const maxConflicts = 20

// UpdateMetadata changes metadata; see registry.Registry.UpdateMetadata. change is called again if
// this node lagged, or another change came first.
func (s *Session) UpdateMetadata(name string, change func(*registry.Metadata)) (registry.Endpoint, error) {
	p := s.node.replica
	for attempt := range maxConflicts {
		old, exists := p.machine.get(name)
		if !exists && attempt > 0 {
			return registry.Endpoint{}, registry.ErrNotFound
		}
		if exists {
			if e, err := s.setMetadata(old, change); !errors.Is(err, errConflict) {
				return e, err
			}
		}
		if err := p.catchUp(s.ctx); err != nil {
			return registry.Endpoint{}, err
		}
	}
	reason := fmt.Sprintf("Other clients changed the endpoint %d times in the meantime. Nothing was changed.", maxConflicts)
	return registry.Endpoint{}, &UnavailableError{reason, errConflict}
}

// setMetadata changes the metadata of an endpoint, or returns errConflict if those at the leader
// are not the old ones.
func (s *Session) setMetadata(old registry.Endpoint, change func(*registry.Metadata)) (registry.Endpoint, error) {
	m := old.Metadata.Clone()
	change(&m)
	m = m.Clone()
	return s.change(changeRequest{Kind: metadataChange, Name: old.Name, Metadata: &m, Expect: metadataDigest(old.Metadata)})
}

// Rollback deploys the code of an older version; see registry.Registry.Rollback.
func (s *Session) Rollback(name string, number int, author string) (registry.Endpoint, error) {
	return s.change(changeRequest{Kind: rollbackChange, Name: name, Number: number, Author: author})
}

// Remove removes an endpoint; see registry.Registry.Remove.
func (s *Session) Remove(name string) error {
	_, err := s.change(changeRequest{Kind: removeChange, Name: name})
	return err
}

// Restore makes a staged endpoint part of the registry; see registry.Registry.Restore.
func (s *Session) Restore(staged *registry.Staged, replace bool) (registry.Endpoint, registry.Outcome, error) {
	p, e := s.node.replica, staged.Endpoint
	for _, v := range e.Versions {
		p.blobs.pin(v.Sum)
	}
	if err := staged.StoreCode(); err != nil {
		return e, "", err
	}
	q := changeRequest{Kind: restoreChange, Name: e.Name, Endpoint: &e, Replace: replace}
	q.Caller = s.caller
	reply, err := p.change(s.ctx, q)
	return reply.Endpoint, reply.Outcome, err
}

func (s *Session) change(q changeRequest) (registry.Endpoint, error) {
	q.Caller = s.caller
	if err := registry.CheckName(q.Name); err != nil && q.Kind != deployChange {
		return registry.Endpoint{}, registry.ErrNotFound
	}
	reply, err := s.node.replica.change(s.ctx, q)
	return reply.Endpoint, err
}
