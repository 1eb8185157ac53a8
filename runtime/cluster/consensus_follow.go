package cluster

import (
	"context"
	"time"

	"github.com/hashicorp/raft"
)

// follow keeps established and the members that are down up to date until ctx is done.
func (c *raftConsensus) follow(ctx context.Context) {
	events := make(chan raft.Observation, 64)
	observer := raft.NewObserver(events, false, func(o *raft.Observation) bool {
		switch o.Data.(type) {
		case raft.FailedHeartbeatObservation, raft.ResumedHeartbeatObservation, raft.LeaderObservation:
			return true
		}
		return false
	})
	c.raft.Load().RegisterObserver(observer)
	defer c.raft.Load().DeregisterObserver(observer)
	retry := time.NewTicker(establishRetry)
	defer retry.Stop()
	for {
		select {
		case <-c.raft.Load().LeaderCh():
			c.forgetDown()
			c.establish()
		case <-retry.C:
			c.establish()
		case event := <-events:
			c.observe(event)
		case <-ctx.Done():
			return
		}
	}
}

// establish waits until everything that earlier leaders committed is applied, if this node has
// become the leader.
func (c *raftConsensus) establish() {
	term := c.raft.Load().CurrentTerm()
	if c.raft.Load().State() == raft.Leader && c.readyTerm.Load() != term && c.raft.Load().Barrier(0).Error() == nil {
		c.readyTerm.Store(term)
	}
}

func (c *raftConsensus) forgetDown() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.down)
}

func (c *raftConsensus) observe(event raft.Observation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch o := event.Data.(type) {
	case raft.LeaderObservation:
		if o.LeaderID == "" {
			c.log.Warn().Msg("the cluster has no leader at the moment")
		} else {
			c.last = string(o.LeaderID)
			c.log.Info().Str("leader", c.name(string(o.LeaderID))).Msg("the cluster has a leader")
		}
	case raft.FailedHeartbeatObservation:
		if _, known := c.down[string(o.PeerID)]; !known {
			c.log.Warn().Str("node", c.name(string(o.PeerID))).Msg("a node of the cluster does not answer")
		}
		c.down[string(o.PeerID)] = o.LastContact
	case raft.ResumedHeartbeatObservation:
		delete(c.down, string(o.PeerID))
		c.log.Info().Str("node", c.name(string(o.PeerID))).Msg("a node of the cluster answers again")
	}
}
