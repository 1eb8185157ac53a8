package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// membershipTimeout limits a change of Raft's configuration.
const membershipTimeout = 10 * time.Second

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

// membershipError returns ErrNoLeader if a change of the members ended because of the loss of the
// leadership. It can be repeated.
func membershipError(change raft.IndexFuture) error {
	if err := change.Error(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoLeader, err)
	}
	return nil
}

func (n *Node) addServer(id, address string) error {
	return membershipError(n.consensus.raft.Load().AddNonvoter(raft.ServerID(id), raft.ServerAddress(address), 0, membershipTimeout))
}

func (n *Node) addVoter(id, address string) error {
	return membershipError(n.consensus.raft.Load().AddVoter(raft.ServerID(id), raft.ServerAddress(address), 0, membershipTimeout))
}

// repairMembers completes joins and removals that were interrupted.
func (n *Node) repairMembers() error {
	members := n.machine.members()
	for _, s := range n.consensus.servers() {
		if _, ok := members[s.ID]; !ok && s.ID != n.identity.Node {
			if err := n.removeServer(s.ID); err != nil {
				return err
			}
		}
		delete(members, s.ID)
	}
	for id, m := range members {
		if err := n.addServer(id, m.Address); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) removeServer(id string) error {
	return membershipError(n.consensus.raft.Load().RemoveServer(raft.ServerID(id), 0, membershipTimeout))
}

// promoteReady makes a member a voter, if there are too few, and the member has caught up.
func (n *Node) promoteReady(ctx context.Context) error {
	servers := n.consensus.servers()
	voters := len(n.replica.voters())
	for _, s := range servers {
		m, ok := n.machine.member(s.ID)
		if voters >= n.config.Voters || s.Voter || s.Down || !ok || !m.Voter {
			continue
		}
		if err := n.checkCaughtUp(ctx, s.ID); err != nil {
			continue
		}
		n.log.Info().Str("node", m.Name).Msg("a node that has caught up becomes a voter of the cluster")
		return n.addVoter(s.ID, s.Address) // one at a time
	}
	return nil
}

// maxLag is the number of entries that a node may be behind when it becomes a voter.
const maxLag = 100

// checkCaughtUp returns an error unless a node has all blobs and nearly all entries of the log.
func (n *Node) checkCaughtUp(ctx context.Context, id string) error {
	status, err := n.askStatus(ctx, id)
	switch {
	case err != nil:
		return err
	case !status.Synced || status.Missing > 0 || status.Problem != "" || status.Applied+maxLag < n.consensus.raft.Load().CommitIndex():
		return fmt.Errorf("%w: node %s has not caught up: %d models are missing; try again in a moment", ErrRefused, status.Name, status.Missing)
	}
	return nil
}

// resolve returns the member that an administrator names by its name or id.
func (n *Node) resolve(name string) (server, Member, error) {
	var names []string
	for _, s := range n.consensus.servers() {
		m, _ := n.machine.member(s.ID)
		if s.ID == name || m.Name == name {
			return s, m, nil
		}
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return server{}, Member{}, fmt.Errorf("%w: there is no node %.80q; the nodes are %s", ErrNotMember, name, strings.Join(names, ", "))
}
