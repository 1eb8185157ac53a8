package cluster

import (
	"context"
	"fmt"
	"time"
)

// CatchUp waits until this node serves all changes that were acknowledged before the call. A change
// that depends on the present state must not be refused before. The error is *UnavailableError if
// there is no leader, or if this node lags for longer than a change waits for a leader.
func (n *Node) CatchUp(ctx context.Context) error { return n.replica.catchUp(ctx) }

// catchUp implements Node.CatchUp.
func (p *replica) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.leaderWait)
	defer cancel()
	index, err := p.askIndex(ctx)
	if err != nil {
		return &UnavailableError{p.describe(), fmt.Errorf("%w: %w", ErrNoMajority, err)}
	}
	if err := p.await(ctx, func() bool { return p.machine.applied() >= index && p.isSynced() }); err != nil {
		return &UnavailableError{p.describeLag(), fmt.Errorf("%w: %w", errNotSynced, err)}
	}
	return nil
}

// askIndex is readIndex, repeated while the leader is lost, until ctx is done.
func (p *replica) askIndex(ctx context.Context) (uint64, error) {
	for {
		index, err := p.readIndex(ctx)
		if err == nil || !isTransient(err) {
			return index, err
		}
		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
			return 0, err
		}
	}
}

// describeLag explains to clients why this node does not serve the present endpoints.
func (p *replica) describeLag() string {
	text := "This node of the cluster has not caught up with its leader. Nothing was changed; send the change to another node, or try again."
	if err := p.folderProblem(); err != nil {
		text += " Its problem: " + err.Error()
	}
	return text
}
