package cluster

import (
	"context"
	"net"
	"sync"
)

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
