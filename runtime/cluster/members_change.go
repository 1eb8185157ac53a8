package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// membershipTimeout limits a change of Raft's configuration.
const membershipTimeout = 10 * time.Second

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
	return server{}, Member{}, fmt.Errorf("%w: %.80q; the nodes are %s", ErrNoNode, name, strings.Join(names, ", "))
}
