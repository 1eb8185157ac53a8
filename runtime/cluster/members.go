package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// found makes the state of a new cluster: its authority and its first member.
func (n *Node) found(ctx context.Context) error {
	bundle, err := readFile(n.config.Dir, bundleFile)
	if err != nil {
		return err
	}
	key, err := readFile(n.config.Dir, authorityFile)
	if errors.Is(err, os.ErrNotExist) && len(n.machine.authorities()) > 0 {
		return nil
	}
	if err != nil {
		return err
	}
	a := authority{string(bundle), string(key)}
	if err := n.replica.put(ctx, command{Type: authorityCommand, Authority: &a}); err != nil {
		return err
	}
	self := n.self()
	if err := n.replica.put(ctx, command{Type: memberCommand, Member: &self}); err != nil {
		return err
	}
	return os.Remove(filepath.Join(n.config.Dir, authorityFile))
}

// self returns the present description of this node.
func (n *Node) self() Member {
	m, known := n.machine.member(n.identity.Node)
	if !known {
		m.Voter = n.identity.Voter
	}
	m.ID, m.Name, m.Address, m.Build, m.Commands = n.identity.Node, n.identity.Name, n.identity.Advertise, n.config.Build, n.config.command
	m.Build = m.Build[:min(len(m.Build), maxBuildBytes)]
	m.Authority, m.Trusts = n.issuer(), n.trusted()
	return m
}

const administerInterval = time.Second

// administer reports this node to the leader, and as the leader administers the members, until ctx
// is done.
func (n *Node) administer(ctx context.Context) {
	tick := time.NewTicker(administerInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		n.link.closeStrangers()
		if n.hasLeft() {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, membershipTimeout)
		err := n.report(ctx)
		if n.consensus.established() && n.machine.imported() {
			err = errors.Join(err, n.repairMembers(), n.promoteReady(ctx), n.retireAuthorities(ctx))
		}
		if err != nil {
			n.log.Debug().Err(err).Msg("the members of the cluster are not up to date yet")
		}
		cancel()
	}
}

// report sends the description of this node to the leader, if the leader has another one.
func (n *Node) report(ctx context.Context) error {
	self := n.self()
	known, ok := n.machine.member(self.ID)
	at, member := n.consensus.address(self.ID)
	if ok && known == self && at == self.Address || !ok && (!member || at == self.Address) {
		return nil
	}
	if n.consensus.established() {
		return n.receiveReport(ctx, self.ID, self)
	}
	leader := n.consensus.leader()
	if leader == "" || leader == self.ID {
		leader = n.askLeader(ctx)
	}
	if leader == "" {
		return ErrNoLeader
	}
	return n.peers.call(ctx, shortTimeout, leader, reportPath, self, nil)
}

// askLeader asks the other members for the leader, which cannot reach this node if its address has
// changed. It returns "" if none knows.
func (n *Node) askLeader(ctx context.Context) string {
	for _, s := range n.consensus.servers() {
		if s.ID == n.identity.Node {
			continue
		}
		var reply statusReply
		if n.peers.call(ctx, statusTimeout, s.ID, statusPath, statusRequest{}, &reply) == nil && reply.Leader != "" {
			return reply.Leader
		}
	}
	return ""
}

// receiveReport stores the description that a member sends of itself.
func (n *Node) receiveReport(ctx context.Context, sender string, m Member) error {
	known, ok := n.machine.member(sender)
	switch {
	case !n.consensus.established():
		return errNotLeader
	case m.ID != sender || !ok:
		return ErrNotMember
	}
	if err := m.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	m.Voter = known.Voter
	if err := n.replica.put(ctx, command{Type: memberCommand, Member: &m}); err != nil {
		return err
	}
	s, ok := n.consensus.find(sender)
	if !ok || s.Address == m.Address {
		return nil
	}
	if s.Voter {
		return n.addVoter(sender, m.Address)
	}
	return n.addServer(sender, m.Address)
}
