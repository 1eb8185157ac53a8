package cluster

import (
	"context"

	"github.com/hashicorp/raft"
)

// yield makes a voter without problems the leader, for example because the disk of this node is full.
// It reports whether this node does not lead any more.
func (n *Node) yield(ctx context.Context) bool {
	n.yielding.Lock()
	defer n.yielding.Unlock()
	if !n.consensus.established() {
		return true
	}
	for _, s := range n.consensus.servers() {
		if s.ID == n.identity.Node || !s.Voter || s.Down || n.checkCaughtUp(ctx, s.ID) != nil {
			continue
		}
		n.log.Warn().Str("node", n.nameOf(s.ID)).Msg("this node cannot store changes; it hands the leadership over")
		if n.consensus.raft.Load().LeadershipTransferToServer(raft.ServerID(s.ID), raft.ServerAddress(s.Address)).Error() == nil {
			return true
		}
	}
	return false
}
