package cluster

import (
	"cmp"
	"context"
	"encoding/json"
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

var defaultTiming = timing{time.Second, 500 * time.Millisecond, 50 * time.Millisecond, leaderWait}

// Node is a running node. It is safe for concurrent use.
type Node struct {
	config    Config
	identity  Identity
	log       zerolog.Logger
	lock      *os.File
	store     *logStore
	link      *link
	transport *raft.NetworkTransport
	consensus *raftConsensus
	machine   *machine
	replica   *replica
	peers     *httpPeers
	server    *http.Server
	started   time.Time

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

// open opens everything that can fail.
func (n *Node) open() (err error) {
	c := n.config
	if n.identity, err = ReadIdentity(c.Dir); err != nil {
		return err
	}
	if n.identity.Left {
		return fmt.Errorf("%w: the node has left the cluster", ErrNoIdentity)
	}
	if c.Advertise != "" && c.Advertise != n.identity.Advertise {
		n.identity.Advertise = c.Advertise
		if err := errors.Join(checkAddress(c.Advertise), n.identity.write(c.Dir)); err != nil {
			return err
		}
	}
	n.link = newLink(n.identity.Cluster, n.identity.Node, c.Listener, n.log)
	if c.dialer != nil {
		n.link.dialer = c.dialer
	}
	if err := n.loadCertificates(); err != nil {
		return err
	}
	if n.store, err = openLogStore(filepath.Join(c.Dir, logFile)); err != nil {
		return err
	}
	n.replica = newReplica(n.identity.Node, c.Registry, c.Limits, n.log)
	n.machine, n.replica.leaderWait = n.replica.machine, c.timing.leaderWait
	if c.OnChange != nil {
		n.replica.onChange = c.OnChange
	}
	return n.openRaft()
}

// loadCertificates reads the certificate of the node and the authorities.
func (n *Node) loadCertificates() error {
	certificate, err := loadCertificate(n.config.Dir)
	if err != nil {
		return err
	}
	bundle, err := readFile(n.config.Dir, bundleFile)
	if err != nil {
		return err
	}
	pool, err := parseAuthorities(bundle)
	if err != nil {
		return err
	}
	n.link.certificate.Store(&certificate)
	n.link.authorities.Store(pool)
	return nil
}

const (
	snapshotThreshold = 2048
	trailingLogs      = 4096
)

// raftConfig returns the configuration of Raft.
func (n *Node) raftConfig() *raft.Config {
	c, t := raft.DefaultConfig(), n.config.timing
	c.LocalID, c.Logger = raft.ServerID(n.identity.Node), raftLogger(n.log)
	c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout, c.CommitTimeout = t.heartbeat, t.heartbeat, t.lease, t.commit
	c.SnapshotThreshold, c.TrailingLogs, c.NoLegacyTelemetry = snapshotThreshold, trailingLogs, true
	c.ShutdownOnRemove = false
	return c
}

func (n *Node) openRaft() error {
	c := n.raftConfig()
	snapshots, err := raft.NewFileSnapshotStoreWithLogger(n.config.Dir, 2, c.Logger)
	if err != nil {
		return err
	}
	n.consensus = &raftConsensus{self: n.identity.Node, peers: n.identity.Peers, down: map[string]time.Time{}, log: n.log, name: n.nameOf}
	n.link.address, n.link.allowed = n.consensus.address, n.consensus.allowed
	n.transport = newTransport(n.link, n.identity.Advertise, c)
	if err := n.bootstrap(c, snapshots); err != nil {
		return errors.Join(err, n.transport.Close())
	}
	r, err := raft.NewRaft(c, fsm{n.replica}, n.store, n.store, snapshots, n.transport)
	if err != nil {
		return errors.Join(err, n.transport.Close())
	}
	n.consensus.raft.Store(r)
	n.replica.log = n.consensus
	return nil
}

// nameOf returns the name of a node, or its id as long as its name is not known.
func (n *Node) nameOf(id string) string {
	m, _ := n.machine.member(id)
	return cmp.Or(m.Name, id)
}

// bootstrap makes the first node the only member of a new cluster. On the first start of another
// node, it returns an error if there are endpoints that those of the cluster would replace.
func (n *Node) bootstrap(c *raft.Config, snapshots raft.SnapshotStore) error {
	exists, err := raft.HasExistingState(n.store, n.store, snapshots)
	if n.identity.Founder {
		n.replica.found = n.found
	}
	own := len(n.config.Registry.List())
	switch {
	case err != nil || exists:
		return err
	case !n.identity.Founder && own > 0 && n.identity.Discard:
		folder, err := n.config.Registry.SetAside()
		n.log.Warn().Int("endpoints", own).Str("folder", folder).Msg("the endpoints of this server were moved to this folder in the models folder")
		return err
	case !n.identity.Founder && own > 0:
		return fmt.Errorf("this server has %d endpoints of its own, which those of the cluster would replace; "+
			"export them (`tabcell endpoint export --all FILE.tar`), and run `tabcell cluster join` with --discard in an empty TABCELL_CLUSTER_PATH, "+
			"or move the models folder away", own)
	case !n.identity.Founder:
		return nil
	}
	self := raft.Server{ID: c.LocalID, Address: raft.ServerAddress(n.identity.Advertise), Suffrage: raft.Voter}
	return raft.BootstrapCluster(c, n.store, n.store, snapshots, n.transport, raft.Configuration{Servers: []raft.Server{self}})
}

// run starts the goroutines.
func (n *Node) run() {
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel = cancel
	n.peers = newHTTPPeers(ctx, n.link.dial)
	n.replica.peers = n.peers
	n.server = newServer(n.handler())
	n.link.group.Add(1)
	go n.link.serve()
	for _, loop := range []func(context.Context){n.consensus.follow, n.replica.keepSynced, n.replica.keepBlobs, n.administer, n.keepCertificates} {
		n.group.Go(func() { loop(ctx) })
	}
	n.group.Go(func() { _ = n.server.Serve(n.link.http) }) // ends with http.ErrServerClosed
	if err := n.announce(); err != nil {
		n.log.Warn().Err(err).Msg("the commands of `tabcell cluster` cannot find this node")
	}
	n.log.Info().Str("node", n.identity.Name).Str("id", n.identity.Node).Str("address", n.link.listener.Addr().String()).
		Str("advertised", n.identity.Advertise).Msg("this server is a node of a cluster")
}

// newServer returns the server of the requests of other nodes.
func newServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	return &http.Server{
		Handler: handler, Protocols: protocols, ReadHeaderTimeout: handshakeTimeout, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: noLog(), HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100, SendPingTimeout: 15 * time.Second},
	}
}

// running is the file that tells the commands how to reach the running node.
type running struct {
	Address string `json:"address"`
}

func (n *Node) announce() error {
	text, err := json.Marshal(running{n.link.listener.Addr().String()})
	if err != nil {
		return err
	}
	return writeFile(n.config.Dir, runningFile, text)
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
