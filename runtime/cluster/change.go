package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tabcell/runtime/osfile"
	"tabcell/runtime/registry"
)

// The kinds of changes.
const (
	deployChange   = "deploy"
	metadataChange = "metadata"
	rollbackChange = "rollback"
	removeChange   = "remove"
	restoreChange  = "restore"
)

// changeRequest is a change that a node forwards to the leader.
type changeRequest struct {
	ID     string `json:"id"`
	Origin string `json:"origin"` // the node that has authenticated the caller, and has the blobs
	Caller Caller `json:"caller"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`

	Deployment *registry.Deployment `json:"deployment,omitempty"` // without the code's content
	Sum        string               `json:"sum,omitempty"`        // of the code of a deployment
	Size       int64                `json:"size,omitempty"`

	Metadata *registry.Metadata `json:"metadata,omitempty"`
	Expect   string             `json:"expect,omitempty"` // digest of the metadata that Metadata replaces

	Number  int    `json:"number,omitempty"` // of the version to roll back to
	Author  string `json:"author,omitempty"`
	Replace bool   `json:"replace,omitempty"`

	Endpoint *registry.Endpoint `json:"endpoint,omitempty"` // to restore
}

// changeReply is the result of a change.
type changeReply struct {
	Index    uint64            `json:"index"` // of the command
	Endpoint registry.Endpoint `json:"endpoint"`
	Outcome  registry.Outcome  `json:"outcome,omitempty"`
}

// Caller is the client whose change is forwarded, as the node that authenticated it states it.
type Caller struct {
	User    string   `json:"user"`
	Roles   []string `json:"roles"`
	Address string   `json:"address"`
}

// deployRole is the role that every change needs.
const deployRole = "deploy"

const maxCallerText = 4 << 10

// check returns an error if a part that the kind needs is missing or malformed, or if the caller
// may not make changes.
func (q *changeRequest) check() error {
	if checkID(q.ID) != nil || checkID(q.Origin) != nil {
		return fmt.Errorf("%w: the forwarded change has no valid id", ErrRefused)
	}
	caller := q.Caller
	if !slices.Contains(caller.Roles, deployRole) || len(caller.Roles) > 32 || len(caller.User)+len(caller.Address) > maxCallerText {
		return fmt.Errorf("%w: the caller %.100q does not have the role %q", ErrRefused, caller.User, deployRole)
	}
	complete := map[string]bool{
		deployChange: q.Deployment != nil && (q.Deployment.Target != "" || checkDigest(q.Sum) == nil && q.Size > 0), metadataChange: q.Metadata != nil,
		rollbackChange: q.Number >= 0, removeChange: true, restoreChange: q.Endpoint != nil && q.Endpoint.Check() == nil,
	}
	if !complete[q.Kind] {
		return fmt.Errorf("%w: the forwarded change is incomplete or of the unknown kind %.40q", ErrRefused, q.Kind)
	}
	return registry.CheckName(q.Name)
}

// metadataDigest identifies the metadata of an endpoint.
func metadataDigest(m registry.Metadata) string {
	text, _ := json.Marshal(m) // strings and JSON always marshal
	return osfile.Digest(text)
}

const (
	// leaderWait is how long a change waits for a leader. An election takes one to three seconds.
	leaderWait = 8 * time.Second
	retryDelay = 100 * time.Millisecond
)

// change makes a change through the leader. If the leader is lost, it is repeated with the same id.
// The error is an *UnavailableError if nothing was changed because of the state of the cluster,
// ErrUnclear, or the reason why the change is refused.
func (p *replica) change(ctx context.Context, q changeRequest) (changeReply, error) {
	q.Origin = p.self
	if q.ID == "" {
		q.ID = newID()
	}
	deadline, sent := time.Now().Add(p.leaderWait), false
	for {
		reply, err := p.try(ctx, q)
		switch {
		case err == nil:
			p.awaitHere(ctx, reply.Index)
			return reply, nil
		case !isTransient(err) && sent: // an earlier attempt may still be running
			return changeReply{}, fmt.Errorf("%w (it was sent again, and that attempt failed: %v)", ErrUnclear, err)
		case !isTransient(err):
			return reply, err
		}
		sent = sent || errors.Is(err, ErrUnclear)
		if time.Now().After(deadline) || ctx.Err() != nil {
			return changeReply{}, p.unavailable(err, sent)
		}
		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
		}
	}
}

// try sends a change to the present leader.
func (p *replica) try(ctx context.Context, q changeRequest) (changeReply, error) {
	if p.log.established() {
		return p.lead(ctx, q)
	}
	leader := p.log.leader()
	if leader == "" || leader == p.self {
		return changeReply{}, ErrNoLeader
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go p.watchLeader(ctx, leader, cancel)
	return p.peers.forward(ctx, leader, q)
}

// watchLeader cancels a request to a leader that is lost, which may be cut off so that it neither
// answers nor refuses. The change is sent to the next leader with the same id.
func (p *replica) watchLeader(ctx context.Context, leader string, cancel context.CancelFunc) {
	tick := time.NewTicker(retryDelay)
	defer tick.Stop()
	for p.log.leader() == leader {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	cancel()
}

// unavailable returns the error of a change that could not be made. sent means that it may have
// been made.
func (p *replica) unavailable(cause error, sent bool) error {
	if sent {
		return fmt.Errorf("%w (%w)", ErrUnclear, cause)
	}
	return &UnavailableError{p.describe(), fmt.Errorf("%w: %w", ErrNoMajority, cause)}
}

// describe explains the lack of a leader to clients.
func (p *replica) describe() string {
	voters := 0
	for _, s := range p.log.servers() {
		if s.Voter {
			voters++
		}
	}
	if voters == 0 {
		return "This node of a cluster has no contact with the other nodes; endpoints cannot be changed until it has. Evaluations and queries go on."
	}
	return fmt.Sprintf("The cluster has no leader: %d of its %d voters must be reachable. Endpoints cannot be changed until then; evaluations and queries go on.",
		voters/2+1, voters)
}

// awaitHere waits until this node serves the change, at most as long as the leader waits.
func (p *replica) awaitHere(ctx context.Context, index uint64) {
	ctx, cancel := context.WithTimeout(ctx, membersWait)
	defer cancel()
	_ = p.awaitServed(ctx, index) // otherwise it serves it later
}

// lead makes a change on the leader.
func (p *replica) lead(ctx context.Context, q changeRequest) (changeReply, error) {
	if !p.log.established() {
		return changeReply{}, errNotLeader
	}
	if !p.isSynced() {
		return changeReply{}, ErrNoLeader // it will be in a moment
	}
	start := time.Now()
	if err := p.secure(ctx, q); err != nil {
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
			group.Go(func() { _ = p.peers.awaitServed(ctx, s.ID, index) })
		}
	}
	group.Wait()
	_ = p.awaitServed(ctx, index)
}
