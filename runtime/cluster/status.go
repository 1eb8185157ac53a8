package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// Status is the state of a cluster as one node sees it.
type Status struct {
	Cluster  string       `json:"cluster"`
	Leader   string       `json:"leader"`   // id; "" if there is none
	Majority bool         `json:"majority"` // changes are possible
	Nodes    []NodeStatus `json:"nodes"`    // by name
	Advice   []string     `json:"advice"`
}

// NodeStatus is the state of a node.
type NodeStatus struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
	Build   string `json:"build"`
	State   string `json:"state"` // leader, follower, candidate, unreachable, left
	Voter   bool   `json:"voter"`
	Wanted  bool   `json:"wanted"` // is to become a voter
	Self    bool   `json:"self"`
	Synced  bool   `json:"synced"` // serves the present endpoints
	Term    uint64 `json:"term"`
	Applied uint64 `json:"applied"`
	Commit  uint64 `json:"commit"`
	Lag     uint64 `json:"lag"` // entries of the log behind the leader
	// Delay is how long the first of these entries has been waiting, in nanoseconds; -1 = unknown.
	Delay   time.Duration `json:"delay"`
	Missing int           `json:"missing"` // models that it must still fetch
	// Commands is the newest version of commands that its build knows.
	Commands           int           `json:"commands"`
	LastContact        time.Duration `json:"last_contact"` // with the leader, in nanoseconds; -1 = none
	CertificateExpires time.Time     `json:"certificate_expires"`
	Clock              time.Duration `json:"clock"`   // ahead of the asking node, in nanoseconds
	Problem            string        `json:"problem"` // "" or what is wrong
}

// The states of a node.
const (
	StateLeader      = "leader"
	StateFollower    = "follower"
	StateCandidate   = "candidate"
	StateUnreachable = "unreachable"
	StateLeft        = "left"
)

// statusRequest asks a node for its state, or for the state of the cluster.
type statusRequest struct {
	All bool `json:"all"`
}

// statusReply is the answer to a statusRequest.
type statusReply struct {
	Node   NodeStatus `json:"node"`
	Leader string     `json:"leader"` // id; "" if the node knows none
	Now    time.Time  `json:"now"`
	All    *Status    `json:"all,omitempty"`
}

const statusTimeout = time.Second

// failureMemory is how long a node reports that it could not write to its disk, if it does not write
// again.
const failureMemory = 30 * time.Second

// MemberCount counts nodes.
type MemberCount struct{ Voters, Others int }

func (c *MemberCount) add(s server) {
	if s.Voter {
		c.Voters++
	} else {
		c.Others++
	}
}

// Members returns the number of all nodes, and of those that do not answer. Only the leader knows
// the latter; they are zero on other nodes.
func (n *Node) Members() (all, down MemberCount) {
	for _, s := range n.consensus.servers() {
		all.add(s)
		if s.Down {
			down.add(s)
		}
	}
	return all, down
}

// Local returns the state of this node. It asks no other node.
func (n *Node) Local() NodeStatus {
	r, m := n.consensus.raft.Load(), n.self()
	s, _ := n.consensus.find(m.ID)
	status := NodeStatus{
		ID: m.ID, Name: m.Name, Address: m.Address, Build: m.Build, Commands: m.Commands, Voter: s.Voter, Wanted: m.Voter, Self: true,
		State: n.state(), Synced: n.replica.isSynced(), Term: r.CurrentTerm(), Applied: r.AppliedIndex(), Commit: r.CommitIndex(),
		Missing: n.replica.blobs.lacking(), LastContact: n.lastContact(), CertificateExpires: n.link.certificate.Load().Leaf.NotAfter,
	}
	status.Lag = status.Commit - min(status.Commit, status.Applied)
	if err := cmp.Or(n.replica.folderProblem(), n.replica.blobs.failed.within(failureMemory), n.store.failed.within(failureMemory)); err != nil {
		status.Problem = err.Error()
	}
	return status
}

func (n *Node) state() string {
	r := n.consensus.raft.Load()
	switch {
	case n.hasLeft():
		return StateLeft
	case r.State() == raft.Leader:
		return StateLeader
	case r.State() == raft.Follower && n.consensus.leader() != "":
		return StateFollower
	}
	return StateCandidate
}

// lastContact returns the time since this node has heard of the leader, and -1 if it never has.
func (n *Node) lastContact() time.Duration {
	r := n.consensus.raft.Load()
	if r.State() == raft.Leader {
		return 0
	}
	if last := r.LastContact(); !last.IsZero() {
		return time.Since(last)
	}
	return -1
}

func (n *Node) answerStatus(ctx context.Context, q statusRequest) (statusReply, error) {
	reply := statusReply{Node: n.Local(), Leader: n.consensus.leader()}
	if q.All {
		all := n.Status(ctx)
		reply.All = &all
	}
	reply.Now = time.Now()
	return reply, nil
}

// askStatus asks a node for its state.
func (n *Node) askStatus(ctx context.Context, id string) (NodeStatus, error) {
	if id == n.identity.Node {
		return n.Local(), nil
	}
	var reply statusReply
	sent := time.Now()
	err := n.peers.call(ctx, statusTimeout, id, statusPath, statusRequest{}, &reply)
	status := reply.Node
	status.Self = false
	status.Clock = reply.Now.Sub(sent.Add(time.Since(sent) / 2)).Round(time.Millisecond)
	return status, err
}

// Status asks all members for their state, and waits at most a second for them.
func (n *Node) Status(ctx context.Context) Status {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	servers := n.consensus.servers()
	status := Status{Cluster: n.identity.Cluster, Leader: n.consensus.leader(), Nodes: make([]NodeStatus, len(servers))}
	var group sync.WaitGroup
	for i, s := range servers {
		group.Go(func() { status.Nodes[i] = n.statusOf(ctx, s) })
	}
	group.Wait()
	status.finish()
	now := time.Now()
	n.measureDelays(&status, now)
	status.adviseNodes(now)
	status.Advice = append(status.Advice, n.advice()...)
	return status
}

// statusOf returns the state of a member, also if it does not answer.
func (n *Node) statusOf(ctx context.Context, s server) NodeStatus {
	status, err := n.askStatus(ctx, s.ID)
	if err != nil {
		m, _ := n.machine.member(s.ID)
		status = NodeStatus{
			ID: s.ID, Name: m.Name, Build: m.Build, Commands: m.Commands, Wanted: m.Voter, State: StateUnreachable, LastContact: -1,
			Problem: fmt.Sprintf("does not answer at %s: %v", s.Address, reason(err)),
		}
	}
	status.ID, status.Address, status.Voter = s.ID, s.Address, s.Voter
	return status
}

// reason returns the error of a request without its URL and address, which people know otherwise.
func reason(err error) error {
	var connection *net.OpError
	if errors.As(err, &connection) && !errors.Is(err, os.ErrPermission) { // for which the advice is kept
		return connection.Err
	}
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}

// noLog returns a logger that discards everything. The link logs the errors of connections.
func noLog() *log.Logger { return log.New(io.Discard, "", 0) }
