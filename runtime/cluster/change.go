package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"
)

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
	ctx, cancel := p.whileLeads(ctx, leader)
	defer cancel()
	return p.peers.forward(ctx, leader, q) // if it is canceled, the next leader gets it with the same id
}

// whileLeads returns a context for a request to the leader, which is canceled when this node knows it
// as the leader no more: a leader that is cut off or stopped neither answers nor refuses.
func (p *replica) whileLeads(ctx context.Context, leader string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go watch(ctx, cancel, func() bool { return p.log.leader() == leader })
	return ctx, cancel
}

// watch cancels a request to another node when alive returns false. It leaves the node the time to
// answer that it leads no more, after which it is clear that nothing was changed.
func watch(ctx context.Context, cancel context.CancelFunc, alive func() bool) {
	tick := time.NewTicker(retryDelay)
	defer tick.Stop()
	for alive() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	select {
	case <-tick.C:
	case <-ctx.Done():
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
