package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

// remove removes a member. Without force, it refuses a removal after which changes would be
// impossible or blobs could be lost.
func (n *Node) remove(ctx context.Context, name string, force bool) error {
	s, m, err := n.resolve(name)
	if err != nil {
		return err
	}
	if s.ID == n.identity.Node {
		return n.handOver()
	}
	if !force {
		if err := n.checkRemoval(ctx, s, m); err != nil {
			return err
		}
	}
	if err := n.replica.put(ctx, command{Type: forgetCommand, Name: s.ID}); err != nil {
		return err
	}
	n.log.Info().Str("node", m.Name).Str("id", s.ID).Msg("a node was removed from the cluster")
	return n.removeServer(s.ID)
}

// handOver gives up the leadership, so that the next leader can do something with this node.
func (n *Node) handOver() error {
	if len(n.replica.voters()) < 2 {
		return fmt.Errorf("%w: %s is the only voter of the cluster; add another node first", ErrRefused, n.identity.Name)
	}
	if err := n.consensus.raft.Load().LeadershipTransfer().Error(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoLeader, err)
	}
	return ErrNoLeader // the operation is repeated with the next leader
}

// checkRemoval returns an error if the cluster is not safe without a member.
func (n *Node) checkRemoval(ctx context.Context, s server, m Member) error {
	if !s.Voter {
		return nil
	}
	voters, up := 0, 0
	for _, other := range n.consensus.servers() {
		if !other.Voter || other.ID == s.ID {
			continue
		}
		voters++
		if other.Down {
			continue
		}
		up++
		if other.ID == n.identity.Node {
			continue
		}
		if err := n.checkCaughtUp(ctx, other.ID); err != nil {
			return err
		}
	}
	if voters == 0 || up <= voters/2 {
		return fmt.Errorf("%w: without node %s, %d of %d voters would be reachable, which is no majority; bring the others back first, or use --force",
			ErrRefused, m.Name, up, voters)
	}
	if n.replica.blobs.lacking() > 0 {
		return fmt.Errorf("%w: the leader %s lacks %d models; try again in a moment", ErrRefused, n.identity.Name, n.replica.blobs.lacking())
	}
	return nil
}

// promote makes a member a voter, after it has caught up.
func (n *Node) promote(ctx context.Context, name string) error {
	s, m, err := n.resolve(name)
	if err != nil || s.Voter && m.Voter {
		return err
	}
	if !s.Voter {
		if err := n.awaitCaughtUp(ctx, s.ID); err != nil {
			return err
		}
	}
	m.Voter = true
	return errors.Join(n.replica.put(ctx, command{Type: memberCommand, Member: &m}), n.addVoter(s.ID, s.Address))
}

// awaitCaughtUp waits until checkCaughtUp succeeds, at most adminWait. It returns its last error.
func (n *Node) awaitCaughtUp(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, adminWait)
	defer cancel()
	for {
		err := n.checkCaughtUp(ctx, id)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
			return err
		}
	}
}

// demote makes a voter a member that only receives the changes.
func (n *Node) demote(ctx context.Context, name string) error {
	s, m, err := n.resolve(name)
	if err != nil || !s.Voter && !m.Voter {
		return err
	}
	if s.ID == n.identity.Node {
		return n.handOver()
	}
	if err := n.checkRemoval(ctx, s, m); err != nil {
		return err
	}
	m.Voter = false
	if err := n.replica.put(ctx, command{Type: memberCommand, Member: &m}); err != nil || !s.Voter {
		return err
	}
	return membershipError(n.consensus.raft.Load().DemoteVoter(raft.ServerID(s.ID), 0, membershipTimeout))
}

// leave removes this node from the cluster. It keeps its endpoints as a single server.
func (n *Node) leave(ctx context.Context, force bool) error {
	if n.hasLeft() {
		return nil
	}
	if len(n.consensus.servers()) > 1 {
		_, err := n.admin(ctx, adminRequest{Operation: removeOperation, Node: n.identity.Node, Force: force})
		if err != nil && !errors.Is(err, ErrNoNode) && !errors.Is(err, ErrNotMember) && !force {
			return err
		}
	}
	n.identity.Left = true
	if err := n.identity.write(n.config.Dir); err != nil {
		return err
	}
	n.mu.Lock()
	n.left = true
	n.mu.Unlock()
	n.log.Info().Msg("this node has left the cluster; restart the server, which then is a single one with the same endpoints")
	return nil
}

func (n *Node) hasLeft() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.left
}
