package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"tabcell/runtime/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that takes a second at most on a fast machine.
const patience = 60 * time.Second

// testTiming has shorter timeouts than defaultTiming.
var testTiming = timing{600 * time.Millisecond, 300 * time.Millisecond, 20 * time.Millisecond, patience / 2}

// testNode is a node of a test with its folders.
type testNode struct {
	*Node
	name, dir, models string
	registry          *registry.Registry
	address           string
}

// testCluster is a cluster of nodes in this process.
type testCluster struct {
	t      testing.TB
	net    *network
	nodes  []*testNode
	timing timing // default testTiming
}

// newCluster starts a cluster of n nodes, and waits until all vote.
func newCluster(t testing.TB, n int) *testCluster {
	t.Helper()
	return newClusterWith(t, n, testTiming)
}

// newClusterWith is newCluster with the given timeouts.
func newClusterWith(t testing.TB, n int, times timing) *testCluster {
	t.Helper()
	c := &testCluster{t: t, net: newNetwork(), timing: times}
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
	config.timing = cmp.Or(c.timing, testTiming)
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
