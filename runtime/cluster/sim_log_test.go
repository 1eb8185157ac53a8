package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"
)

// simLog implements consensus for one life of a node.
type simLog struct {
	node    *simNode
	replica *replica
}

func newPipe() (io.Reader, io.Writer) {
	var b bytes.Buffer
	return &b, &b
}

// leads reports whether the node is the leader, or takes itself for it. The caller holds w.mu.
func (l *simLog) leads() bool {
	n := l.node
	return n.up && n.replica == l.replica && (n.world.leader == n || n.deposed) && n.applied >= n.required
}

func (l *simLog) established() bool {
	l.node.world.mu.Lock()
	defer l.node.world.mu.Unlock()
	return l.leads()
}

func (l *simLog) propose(ctx context.Context, text []byte) (result, error) {
	n, w := l.node, l.node.world
	delay := w.latency(n.id) + n.slow
	w.mu.Lock()
	if !l.leads() {
		w.mu.Unlock()
		return result{}, errNotLeader
	}
	e := &simEntry{text: text, ready: time.Now().Add(delay), settled: make(chan struct{})}
	if n.deposed {
		e.lost = true // its entry is never committed, but it does not know that
		close(e.settled)
	} else {
		w.pending = append(w.pending, e)
		w.notify()
	}
	w.mu.Unlock()
	select {
	case <-e.settled:
	case <-n.ctx.Done():
		return result{}, ErrUnclear
	}
	return l.outcome(e)
}

// outcome returns the result of a settled entry after the node has applied it.
func (l *simLog) outcome(e *simEntry) (result, error) {
	n, w := l.node, l.node.world
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		switch r, ok := n.results[e.index]; {
		case e.lost, n.replica != l.replica || !n.up:
			return result{}, fmt.Errorf("%w: the leadership was lost", ErrUnclear)
		case ok && e.index > 0:
			return r, nil
		}
		w.wait(n.ctx)
	}
}

func (l *simLog) leader() string {
	w := l.node.world
	w.mu.Lock()
	defer w.mu.Unlock()
	if l.node.deposed {
		return l.node.id
	}
	if w.leader != nil && w.hears(l.node) {
		return w.leader.id
	}
	return ""
}

func (l *simLog) verify(ctx context.Context) error {
	w := l.node.world
	w.mu.Lock()
	led, term := w.leader == l.node, w.term
	w.mu.Unlock()
	if !pause(ctx, w.latency(l.node.id)) {
		return context.Cause(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !led || w.term != term || !l.leads() || !w.majority(l.node) {
		return errNotLeader
	}
	return nil
}

func (l *simLog) servers() []server {
	w := l.node.world
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []server
	for _, n := range w.nodes {
		all = append(all, server{ID: n.id, Address: n.id, Voter: true, Down: !w.reaches(l.node, n)})
	}
	return all
}

// reaches reports whether a message from a arrives at b. The caller holds w.mu.
func (w *simWorld) reaches(a, b *simNode) bool { return a.up && b.up && !w.cut[[2]*simNode{a, b}] }

// hears reports whether a node gets the messages of the leader. The caller holds w.mu.
func (w *simWorld) hears(n *simNode) bool {
	return w.leader != nil && (w.leader == n || w.reaches(w.leader, n) && w.reaches(n, w.leader))
}

// majority reports whether a node exchanges messages with a majority. The caller holds w.mu.
func (w *simWorld) majority(n *simNode) bool {
	count := 0
	for _, other := range w.nodes {
		if other == n && n.up || w.reaches(n, other) && w.reaches(other, n) {
			count++
		}
	}
	return count > len(w.nodes)/2
}
