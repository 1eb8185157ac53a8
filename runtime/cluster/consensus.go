package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
	"github.com/rs/zerolog"
)

// consensus is the log of commands. raftConsensus implements it; the simulation has another one.
type consensus interface {
	// propose adds a command to the log and returns its result after this node has applied it. The
	// error is errNotLeader if the command is not in the log, or ErrUnclear.
	propose(ctx context.Context, text []byte) (result, error)
	// leader returns the leader as far as this node knows, or "".
	leader() string
	// established reports whether this node is the leader, and has applied everything that earlier
	// leaders committed.
	established() bool
	// verify returns nil if this node was the leader after the call began.
	verify(ctx context.Context) error
	// servers returns the members.
	servers() []server
}

// server is a member in the configuration of Raft.
type server struct {
	ID, Address string
	Voter       bool
	Down        bool // known to the leader only: it does not answer
}

// raftConsensus implements consensus.
type raftConsensus struct {
	self  string
	raft  atomic.Pointer[raft.Raft] // nil during the start
	peers map[string]string         // of the identity, until the log has a configuration

	readyTerm atomic.Uint64 // the term in which this node is established as leader; 0 = none

	log  zerolog.Logger
	name func(node string) string // of a member, for the log

	contacts *contacts
	rounds   *rounds
	silence  time.Duration // after which a member that does not answer is down

	mu   sync.Mutex
	down map[string]time.Time // since when a member has not answered this leader
	last string               // the last leader of which this node knew, or ""
}

func newConsensus(id Identity, silence time.Duration, log zerolog.Logger) *raftConsensus {
	return &raftConsensus{
		self: id.Node, peers: id.Peers, down: map[string]time.Time{}, log: log, contacts: newContacts(), rounds: newRounds(), silence: silence,
	}
}

const (
	enqueueTimeout = 5 * time.Second
	establishRetry = 200 * time.Millisecond
)

func (c *raftConsensus) propose(_ context.Context, text []byte) (result, error) {
	if !c.established() {
		return result{}, errNotLeader
	}
	c.rounds.begin()
	defer c.rounds.end()
	future := c.raft.Load().Apply(text, enqueueTimeout)
	if err := future.Error(); err != nil {
		return result{}, proposeError(err)
	}
	r, ok := future.Response().(result)
	if !ok {
		return r, fmt.Errorf("%w: the log returned %T", ErrUnclear, future.Response())
	}
	return r, nil
}

// proposeError tells errors before a command was added to the log from those after it.
func proposeError(err error) error {
	for _, before := range []error{raft.ErrNotLeader, raft.ErrEnqueueTimeout, raft.ErrLeadershipTransferInProgress, raft.ErrRaftShutdown} {
		if errors.Is(err, before) {
			return fmt.Errorf("%w: %w", errNotLeader, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnclear, err)
}

func (c *raftConsensus) leader() string {
	_, id := c.raft.Load().LeaderWithID()
	return string(id)
}

func (c *raftConsensus) established() bool {
	return c.raft.Load().State() == raft.Leader && c.raft.Load().CurrentTerm() == c.readyTerm.Load()
}

func (c *raftConsensus) verify(context.Context) error {
	if err := c.raft.Load().VerifyLeader().Error(); err != nil {
		return fmt.Errorf("%w: %w", errNotLeader, err)
	}
	return nil
}

func (c *raftConsensus) servers() []server {
	r := c.raft.Load()
	if r == nil {
		return nil
	}
	future := r.GetConfiguration()
	if future.Error() != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []server
	for _, s := range future.Configuration().Servers {
		_, down := c.down[string(s.ID)]
		down = down || c.contacts.silent(string(s.ID), c.silence)
		all = append(all, server{string(s.ID), string(s.Address), s.Suffrage == raft.Voter, down})
	}
	return all
}

// find returns a member, and false if the node is none.
func (c *raftConsensus) find(node string) (server, bool) {
	all := c.servers()
	for _, s := range all {
		if s.ID == node {
			return s, true
		}
	}
	address, ok := c.peers[node]
	return server{ID: node, Address: address}, ok && len(all) == 0
}

// address returns the address of a member.
func (c *raftConsensus) address(node string) (string, bool) {
	s, ok := c.find(node)
	return s.Address, ok
}

// leads reports whether this node leads in a term, and another one is a member.
func (c *raftConsensus) leads(term uint64, node string) bool {
	r := c.raft.Load()
	return r != nil && r.State() == raft.Leader && r.CurrentTerm() == term && c.allowed(node)
}

// lastLeader returns the last leader of which this node knew, or "".
func (c *raftConsensus) lastLeader() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// allowed reports whether a node is a member.
func (c *raftConsensus) allowed(node string) bool {
	_, ok := c.find(node)
	return ok
}
