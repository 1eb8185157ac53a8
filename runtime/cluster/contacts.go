package cluster

import (
	"sync"
	"time"
)

// contacts knows which nodes answer the messages of Raft that need no disk: heartbeats, and requests
// for votes. It is safe for concurrent use.
type contacts struct {
	mu      sync.Mutex
	nodes   map[string]*contact
	changed chan struct{} // closed and replaced when a node answers again
}

// contact is the state of one node. A node to which nothing was sent yet has the zero value.
type contact struct {
	since  time.Time // when the first message without an answer was sent; zero if there is none
	failed bool      // a message got no answer, and none has got one since
}

func newContacts() *contacts {
	return &contacts{nodes: map[string]*contact{}, changed: make(chan struct{})}
}

// of returns the state of a node. The caller holds c.mu.
func (c *contacts) of(node string) *contact {
	if c.nodes[node] == nil {
		c.nodes[node] = &contact{}
	}
	return c.nodes[node]
}

// sent notes that a message was sent to a node.
func (c *contacts) sent(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.of(node); n.since.IsZero() {
		n.since = time.Now()
	}
}

// heard notes that a node has answered a message.
func (c *contacts) heard(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of(node)
	if n.failed {
		close(c.changed)
		c.changed = make(chan struct{})
	}
	*n = contact{}
}

// lost notes that a node does not answer.
func (c *contacts) lost(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(node).failed = true
}

// silent reports whether the last message to a node failed, or messages of at least that time have
// no answer.
func (c *contacts) silent(node string, limit time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of(node)
	return n.failed || !n.since.IsZero() && time.Since(n.since) >= limit
}

// failed reports whether the last message to a node failed. The channel is closed when any node
// answers again.
func (c *contacts) failed(node string) (bool, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(node).failed, c.changed
}
