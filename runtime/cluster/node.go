package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/raft"
	"github.com/rs/zerolog"

	"tabcell/runtime/registry"
)

// Config configures a running node.
type Config struct {
	Dir      string             // data folder, with an identity
	Registry *registry.Registry // opened with Replicated; not closed by the node
	Limits   registry.Options   // of new endpoints
	Listener net.Listener       // the cluster port; closed by the node
	// Advertise is the address at which the other nodes reach this one, HOST:PORT. Default: that of
	// the identity.
	Advertise string
	Build     string // version of the program
	Voters    int    // wanted number of voters; default DefaultVoters
	Log       zerolog.Logger
	// OnChange, if not nil, is called after a change of an endpoint was stored here. A zero Endpoint is
	// absent. It must return at once.
	OnChange func(old, e registry.Endpoint)

	timing  timing
	dialer  func(ctx context.Context, address string) (net.Conn, error) // of tests
	command int                                                         // CommandVersion, or another one in tests
}

// DefaultVoters is the default number of voters.
const DefaultVoters = 3

// timing has the timeouts of Raft, and the one of changes. Tests use shorter ones.
type timing struct{ heartbeat, lease, commit, leaderWait time.Duration }

var defaultTiming = timing{time.Second, 500 * time.Millisecond, 2 * time.Millisecond, leaderWait}

// Node is a running node. It is safe for concurrent use.
type Node struct {
	config    Config
	identity  Identity
	log       zerolog.Logger
	lock      *os.File
	store     *logStore
	link      *link
	transport *replication
	consensus *raftConsensus
	machine   *machine
	replica   *replica
	peers     *httpPeers
	server    *http.Server
	started   time.Time

	yielding sync.Mutex // held while the leadership is handed over to a node without problems

	joins  chan struct{} // has an element for each join request that is handled
	cancel context.CancelFunc
	group  sync.WaitGroup
	once   sync.Once
	closed error

	mu   sync.Mutex
	left bool // guarded by mu
}

// Start starts the node whose identity is in the data folder. ctx limits the start only.
func Start(_ context.Context, c Config) (*Node, error) {
	n, err := start(c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the node of the cluster cannot be started: %w", err), c.Listener.Close())
	}
	return n, nil
}

func start(c Config) (n *Node, err error) {
	c.Voters, c.command = cmp.Or(c.Voters, DefaultVoters), cmp.Or(c.command, CommandVersion)
	c.timing = cmp.Or(c.timing, defaultTiming)
	lock, err := openDataFolder(c.Dir)
	if err != nil {
		return nil, err
	}
	n = &Node{config: c, log: c.Log, lock: lock, started: time.Now(), joins: make(chan struct{}, maxJoins)}
	if err := n.open(); err != nil {
		if n.store != nil {
			err = errors.Join(err, n.store.Close())
		}
		return nil, errors.Join(err, lock.Close())
	}
	n.run()
	return n, nil
}

// Identity returns the identity of the node.
func (n *Node) Identity() Identity { return n.identity }

// Addresses returns the addresses of the members, HOST:PORT. A member that joins later may have
// another port.
func (n *Node) Addresses() []string {
	return append(slices.Sorted(maps.Values(n.peerAddresses())), n.identity.Advertise)
}

// Content returns the code of a version like registry.Registry.Content. It replaces damaged and
// missing code from another node.
func (n *Node) Content(v registry.Version) ([]byte, error) { return n.replica.content(v) }

// readyAfter is how long a node without a leader is not ready. Then it serves its endpoints.
const readyAfter = 30 * time.Second

// Ready returns nil if the node has caught up with the cluster once, or could not for a while.
func (n *Node) Ready() error {
	if n.replica.wasSynced() || time.Since(n.started) > readyAfter || n.hasLeft() {
		return nil
	}
	return errors.New("this node of a cluster has not caught up with the others yet")
}

// Drain gives up the leadership, so that the cluster needs no election when the node is closed.
func (n *Node) Drain(ctx context.Context) error {
	r := n.consensus.raft.Load()
	if r.State() != raft.Leader || len(n.replica.voters()) < 2 {
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- r.LeadershipTransfer().Error() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close stops the node. The registry stays open.
func (n *Node) Close() error {
	n.once.Do(func() { n.closed = n.close() })
	return n.closed
}

func (n *Node) close() error {
	_ = os.Remove(filepath.Join(n.config.Dir, runningFile))
	n.cancel()
	errs := []error{n.consensus.raft.Load().Shutdown().Error(), n.transport.Close(), n.server.Close()}
	n.link.close()
	n.peers.close()
	n.group.Wait()
	return errors.Join(append(errs, n.store.Close(), n.lock.Close())...)
}
