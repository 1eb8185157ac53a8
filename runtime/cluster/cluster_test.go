package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"tabcell/runtime/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that takes a second at most on a fast machine.
const patience = 60 * time.Second

// testNode is a node of a test with its folders.
type testNode struct {
	*Node
	name, dir, models string
	registry          *registry.Registry
	address           string
}

// testCluster is a cluster of nodes in this process.
type testCluster struct {
	t     *testing.T
	net   *network
	nodes []*testNode
}

// network is the network between the nodes of a test. It can be cut.
type network struct {
	mu     sync.Mutex
	down   map[[2]string]bool // from, to: names of nodes
	names  map[string]string  // by address
	opened map[*cutConn]bool
}

func newNetwork() *network {
	return &network{down: map[[2]string]bool{}, names: map[string]string{}, opened: map[*cutConn]bool{}}
}

// cutConn is a connection that fails while its network is cut.
type cutConn struct {
	net.Conn
	network  *network
	from, to string
}

// Close implements net.Conn.
func (c *cutConn) Close() error {
	c.network.mu.Lock()
	delete(c.network.opened, c)
	c.network.mu.Unlock()
	return c.Conn.Close()
}

// dialer returns the dialer of a node.
func (n *network) dialer(from string) func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, address string) (net.Conn, error) {
		n.mu.Lock()
		to := n.names[address]
		cut := n.down[[2]string{from, to}]
		n.mu.Unlock()
		if cut {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		c := &cutConn{conn, n, from, to}
		n.mu.Lock()
		n.opened[c] = true
		n.mu.Unlock()
		return c, nil
	}
}

// set cuts or restores the network between two nodes in both directions.
func (n *network) set(a, b string, cut bool) {
	n.mu.Lock()
	n.down[[2]string{a, b}], n.down[[2]string{b, a}] = cut, cut
	var closing []*cutConn
	for c := range n.opened {
		if cut && (c.from == a && c.to == b || c.from == b && c.to == a) {
			closing = append(closing, c)
		}
	}
	n.mu.Unlock()
	for _, c := range closing {
		_ = c.Close()
	}
}

// isolate cuts or restores the network between a node and all others.
func (c *testCluster) isolate(n *testNode, cut bool) {
	for _, other := range c.nodes {
		if other != n {
			c.net.set(n.name, other.name, cut)
		}
	}
}

// newCluster starts a cluster of n nodes, and waits until all vote.
func newCluster(t *testing.T, n int) *testCluster {
	t.Helper()
	c := &testCluster{t: t, net: newNetwork()}
	first := c.prepare("n0", nil)
	c.must(Init(first.dir, InitOptions{Name: first.name, Advertise: first.address}))
	c.start(first)
	c.eventually("the first node serves", func() error { return errorUnless(first.replica.isSynced(), "not synced") })
	for i := 1; i < n; i++ {
		c.join(fmt.Sprintf("n%d", i))
	}
	c.eventually("all nodes vote", func() error { return c.voters(n) })
	return c
}

func (c *testCluster) must(_ Identity, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// prepare returns a node that has folders and an address only. seed, if not nil, fills its registry.
func (c *testCluster) prepare(name string, seed func(*registry.Registry)) *testNode {
	c.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	n := &testNode{name: name, dir: filepath.Join(c.t.TempDir(), "cluster"), models: filepath.Join(c.t.TempDir(), "models"), address: listener.Addr().String()}
	_ = listener.Close()
	c.net.mu.Lock()
	c.net.names[n.address] = name
	c.net.mu.Unlock()
	if seed != nil {
		r, err := registry.Open(n.models, registry.Options{})
		if err != nil {
			c.t.Fatal(err)
		}
		seed(r)
		if err := r.Close(); err != nil {
			c.t.Fatal(err)
		}
	}
	return n
}

// start starts a node with an identity.
func (c *testCluster) start(n *testNode) {
	c.t.Helper()
	c.startWith(n, Config{})
}

func (c *testCluster) startWith(n *testNode, config Config) {
	c.t.Helper()
	var err error
	if n.registry, err = registry.Open(n.models, registry.Options{Replicated: true}); err != nil {
		c.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", n.address)
	if err != nil {
		c.t.Fatal(err)
	}
	config.Dir, config.Registry, config.Listener, config.Build, config.Voters = n.dir, n.registry, listener, "test", 5
	config.Limits = registry.Options{MaxBytes: 8 << 20}
	config.Log = zerolog.New(zerolog.NewTestWriter(c.t)).Level(testLevel()).With().Str("on", n.name).Logger()
	config.timing = timing{600 * time.Millisecond, 300 * time.Millisecond, 20 * time.Millisecond, patience / 2}
	config.dialer = c.net.dialer(n.name)
	if n.Node, err = Start(context.Background(), config); err != nil {
		c.t.Fatal(err)
	}
	running := n.Node
	c.t.Cleanup(func() { _ = running.Close() })
	if !containsNode(c.nodes, n) {
		c.nodes = append(c.nodes, n)
	}
}

func testLevel() zerolog.Level {
	if os.Getenv("TABCELL_TEST_LOG") != "" {
		return zerolog.DebugLevel
	}
	return zerolog.ErrorLevel
}

func containsNode(all []*testNode, n *testNode) bool {
	for _, other := range all {
		if other == n {
			return true
		}
	}
	return false
}

// stop stops a node.
func (c *testCluster) stop(n *testNode) {
	c.t.Helper()
	if err := errors.Join(n.Close(), n.registry.Close()); err != nil {
		c.t.Fatal(err)
	}
}

// join adds a node.
func (c *testCluster) join(name string) *testNode {
	c.t.Helper()
	n := c.prepare(name, nil)
	o := JoinOptions{Name: name, Advertise: n.address, Peer: c.nodes[0].address, Token: c.newToken(TokenOptions{Voter: true})}
	c.eventually(name+" joins", func() error { // an election may interrupt it
		_, err := Join(context.Background(), n.dir, o)
		return err
	})
	c.start(n)
	return n
}

func (c *testCluster) newToken(o TokenOptions) string {
	c.t.Helper()
	client, err := Dial(c.nodes[0].dir)
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Close()
	var token string
	c.eventually("there is a token", func() (err error) {
		token, err = client.Token(context.Background(), o)
		return err
	})
	return token
}

// voters returns an error unless the leader knows n voters.
func (c *testCluster) voters(n int) error {
	leader := c.leader()
	if leader == nil {
		return errors.New("there is no leader")
	}
	if got := len(leader.replica.voters()); got != n {
		return fmt.Errorf("%d voters, want %d", got, n)
	}
	return nil
}

// leader returns the established leader that a majority follows, or nil.
func (c *testCluster) leader() *testNode {
	for _, n := range c.nodes {
		if n.consensus.established() && n.consensus.verify(context.Background()) == nil {
			return n
		}
	}
	return nil
}

// waitLeader waits for a leader.
func (c *testCluster) waitLeader() *testNode {
	c.t.Helper()
	var leader *testNode
	c.eventually("there is a leader", func() error {
		leader = c.leader()
		return errorUnless(leader != nil, "none")
	})
	return leader
}

// follower returns a running node that is not the leader.
func (c *testCluster) follower() *testNode {
	c.t.Helper()
	leader := c.waitLeader()
	for _, n := range c.nodes {
		if n != leader {
			return n
		}
	}
	return nil
}

// eventually waits until check returns nil.
func (c *testCluster) eventually(what string, check func() error) {
	c.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	c.t.Fatalf("%s: not after %s: %v", what, patience, err)
}

func errorUnless(ok bool, text string) error {
	if ok {
		return nil
	}
	return errors.New(text)
}

var deployer = Caller{User: "ann", Roles: []string{"deploy"}, Address: "192.0.2.1"}

// as returns a session on a node.
func as(n *testNode) *Session { return n.As(context.Background(), deployer) }

// source returns a deployment of a model.
func source(name, code string) registry.Deployment {
	return registry.Deployment{Name: name, Replace: true, Author: "ann", Code: registry.Code{Kind: registry.Source, Function: "f", Content: []byte(code)}}
}

// deploy deploys a model through a node.
func (c *testCluster) deploy(n *testNode, name, code string) registry.Endpoint {
	c.t.Helper()
	e, err := as(n).Deploy(source(name, code))
	if err != nil {
		c.t.Fatalf("deploying %s on %s: %v", name, n.name, err)
	}
	return e
}

// same waits until all nodes serve the same endpoints with their code.
func (c *testCluster) same(nodes ...*testNode) {
	c.t.Helper()
	c.eventually("all nodes serve the same", func() error {
		for _, n := range nodes {
			if err := equalLists(nodes[0].registry.List(), n.registry.List()); err != nil {
				return fmt.Errorf("%s and %s: %w", nodes[0].name, n.name, err)
			}
			for _, e := range n.registry.List() {
				for _, v := range e.Versions {
					if _, err := n.registry.Content(v); err != nil {
						return fmt.Errorf("%s: %s: %w", n.name, e.Name, err)
					}
				}
			}
		}
		return nil
	})
}

func equalLists(a, b []registry.Endpoint) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d and %d endpoints", len(a), len(b))
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return fmt.Errorf("%q version %d and %q version %d", a[i].Name, a[i].Version, b[i].Name, b[i].Version)
		}
	}
	return nil
}

// Changes through any node reach all nodes, and the answer comes after they have been applied.
func TestChanges(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	leader, follower := c.waitLeader(), c.follower()
	for i, n := range []*testNode{leader, follower} {
		e := c.deploy(n, "m", fmt.Sprint("code ", i))
		if e.Version != i+1 || e.Current().Author != "ann" {
			t.Errorf("deployment %d: version %d by %q", i, e.Version, e.Current().Author)
		}
		for _, other := range c.nodes {
			if got, _ := other.registry.Get("m"); got.Version != i+1 {
				t.Errorf("%s serves version %d after the answer, want %d", other.name, got.Version, i+1)
			}
		}
	}
	if e, err := as(follower).Rollback("m", 0, "bob"); err != nil || e.Version != 3 || e.Current().CopyOf != 1 || e.Current().Author != "bob" {
		t.Errorf("rollback: %+v, %v", e.Current(), err)
	}
	e, err := as(follower).UpdateMetadata("m", func(m *registry.Metadata) { m.Description = "<b>" })
	if err != nil || e.Description != "<b>" || e.Version != 3 {
		t.Errorf("update: %+v, %v", e, err)
	}
	if _, err := as(follower).Deploy(registry.Deployment{Name: "alias", Target: "m"}); err != nil {
		t.Error(err)
	}
	if err := as(follower).Remove("m"); !errors.Is(err, registry.ErrInUse) {
		t.Errorf("removing the target of an alias: %v", err)
	}
	c.same(c.nodes...)
	if err := errors.Join(as(leader).Remove("alias"), as(follower).Remove("m")); err != nil {
		t.Error(err)
	}
	if err := as(follower).Remove("m"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("removing twice: %v", err)
	}
	c.same(c.nodes...)
}
