package cluster

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"tabcell/runtime/registry"
)

// lead makes a change on the leader.
func (p *replica) lead(ctx context.Context, q changeRequest) (changeReply, error) {
	if !p.log.established() {
		return changeReply{}, errNotLeader
	}
	if !p.isSynced() {
		if p.folderProblem() != nil {
			p.yield(ctx)
		}
		return changeReply{}, ErrNoLeader // it will be in a moment, or another node
	}
	start := time.Now()
	err := p.secure(ctx, q)
	if _, ok := errors.AsType[*registry.StorageError](err); ok && p.yield(ctx) {
		return changeReply{}, errNotLeader // the disk of this node is full, and not those of all voters
	}
	if err != nil {
		return changeReply{}, err
	}
	if time.Since(start) > maxSecured {
		return changeReply{}, ErrNoLeader // the blobs may be gone; repeat
	}
	reply, err := p.commit(ctx, q)
	if err == nil {
		p.awaitMembers(ctx, reply.Index)
	}
	return reply, err
}

// commit computes a change, and proposes it.
func (p *replica) commit(ctx context.Context, q changeRequest) (changeReply, error) {
	if err := p.startPlan(ctx); err != nil {
		return changeReply{}, err
	}
	defer p.endPlan()
	if reply, ok := p.finished(q.ID); ok {
		return reply, nil
	}
	c, outcome, err := p.plan(q)
	if err != nil || outcome == registry.Unchanged {
		reply := changeReply{Index: p.machine.applied(), Outcome: outcome}
		reply.Endpoint, _ = p.machine.get(q.Name)
		if lost := p.log.verify(ctx); lost != nil {
			return changeReply{}, lost // the plan may be from an old state; repeat
		}
		return reply, err
	}
	r, err := p.propose(ctx, c)
	if errors.Is(r.err, errConflict) {
		return changeReply{}, errNotLeader // this node was not the leader all the time; repeat
	}
	if err = errors.Join(err, r.err); err != nil {
		return changeReply{}, err
	}
	if !r.changed { // an earlier attempt, whose end was unclear, was committed meanwhile
		if reply, ok := p.finished(q.ID); ok {
			return reply, nil
		}
	}
	return changeReply{r.index, r.now, outcome}, nil
}

// finished returns the reply to a request that was made before.
func (p *replica) finished(id string) (changeReply, bool) {
	f, ok := p.machine.finishedRequest(id)
	if !ok {
		return changeReply{}, false
	}
	e, _ := p.machine.get(f.Name)
	return changeReply{Index: f.Index, Endpoint: f.endpoint(e), Outcome: registry.Replaced}, true
}

// endpoint returns the endpoint after the request. now is its present state, which later requests
// may have changed; then only the version and its code are known.
func (f finished) endpoint(now registry.Endpoint) registry.Endpoint {
	if now.Version == f.Version && now.Current().Sum == f.Sum {
		return now
	}
	e := registry.Endpoint{Name: f.Name, Type: registry.TypeModel, Version: f.Version}
	if f.Sum != "" {
		e.Versions = []registry.Version{{Number: f.Version, Sum: f.Sum}}
	}
	return e
}

// plan computes the command of a change. The caller has called startPlan.
func (p *replica) plan(q changeRequest) (command, registry.Outcome, error) {
	c := command{Version: 1, Type: putCommand, ID: q.ID, Name: q.Name, Now: time.Now().Unix()}
	var outcome registry.Outcome
	err := p.machine.view(p.limits, func(v registry.View, revision uint64) error {
		c.Base = revision
		if q.Kind == removeChange {
			c.Type = removeCommand
			_, err := v.Remove(q.Name)
			return err
		}
		e, planned, err := planEndpoint(v, q)
		c.Endpoint, outcome = &e, planned
		return err
	})
	return c, outcome, err
}

// planEndpoint returns the endpoint after a change.
func planEndpoint(v registry.View, q changeRequest) (e registry.Endpoint, outcome registry.Outcome, err error) {
	switch q.Kind {
	case deployChange:
		e, err = v.Deploy(*q.Deployment, q.Sum, q.Size)
	case rollbackChange:
		e, err = v.Rollback(q.Name, q.Number, q.Author)
	case restoreChange:
		e = *q.Endpoint
		outcome, err = v.Restore(e, q.Replace)
	case metadataChange:
		conflict := false
		e, err = v.UpdateMetadata(q.Name, func(m *registry.Metadata) {
			conflict = metadataDigest(*m) != q.Expect
			*m = *q.Metadata
		})
		if conflict && err == nil {
			err = errConflict
		}
	}
	return e, outcome, err
}

// membersWait is how long an answer waits for the other nodes.
const membersWait = 2 * time.Second

// awaitMembers waits until the members that can be reached serve a change, so that the next request
// of the client finds it on any of them.
func (p *replica) awaitMembers(ctx context.Context, index uint64) {
	ctx, cancel := context.WithTimeout(ctx, membersWait)
	defer cancel()
	var group sync.WaitGroup
	for _, s := range p.log.servers() {
		if s.ID != p.self && !s.Down {
			group.Go(func() { p.awaitMember(ctx, s.ID, index) })
		}
	}
	group.Wait()
	_ = p.awaitServed(ctx, index)
}

// awaitMember waits until a member serves a change, or is down.
func (p *replica) awaitMember(ctx context.Context, node string, index uint64) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watch(ctx, cancel, func() bool { return !p.isDown(node) })
	_ = p.peers.awaitServed(ctx, node, index) // otherwise it serves it later
}

func (p *replica) isDown(node string) bool {
	return slices.ContainsFunc(p.log.servers(), func(s server) bool { return s.ID == node && s.Down })
}
