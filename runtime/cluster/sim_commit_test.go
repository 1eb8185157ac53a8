package cluster

import (
	"context"
	"fmt"
	"time"

	"tabcell/runtime/registry"
)

// commitAll commits the entries of the leader while it has a majority.
func (w *simWorld) commitAll(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		for ctx.Err() == nil && (len(w.pending) == 0 || w.leader == nil || !w.majority(w.leader)) {
			w.wait(ctx)
		}
		if ctx.Err() != nil {
			w.mu.Unlock()
			return
		}
		wait := time.Until(w.pending[0].ready)
		if wait <= 0 {
			w.commit(w.pending[0])
			w.pending = w.pending[1:]
		}
		w.mu.Unlock()
		pause(ctx, wait)
	}
}

// commit adds an entry to the log, and checks that a majority has its blob. The caller holds w.mu.
func (w *simWorld) commit(e *simEntry) {
	w.entries = append(w.entries, e.text)
	e.index = uint64(len(w.entries))
	if c, err := decodeCommand(e.text); err == nil && c.Type == putCommand && len(c.Endpoint.Versions) > 0 {
		if have := w.holders(c.Endpoint.Versions[0]); have <= len(w.nodes)/2 {
			w.broken = append(w.broken, fmt.Sprintf("%s version %d was committed while %d of %d nodes have its blob", c.Name, c.Endpoint.Version, have, len(w.nodes)))
		}
	}
	if !e.lost {
		close(e.settled)
	}
	w.notify()
}

// holders returns the number of nodes that have a blob on the disk.
func (w *simWorld) holders(v registry.Version) int {
	count := 0
	for _, n := range w.nodes {
		if fileExists(n.dir + "/code/" + v.Sum) {
			count++
		}
	}
	return count
}

// transfer makes another node with a majority the leader, if n leads and there is one. It reports
// whether n does not lead any more.
func (w *simWorld) transfer(n *simNode) bool {
	w.mu.Lock()
	led := w.leader == n
	var able []*simNode
	for _, other := range w.nodes {
		if other != n && w.reaches(n, other) && w.majority(other) {
			able = append(able, other)
		}
	}
	w.mu.Unlock()
	if led && len(able) > 0 {
		w.elect(able[w.number("transfer"+n.id, len(able))])
	}
	return !led || len(able) > 0
}

// elect makes a node the leader, and settles the entries of the last one: those at the front may have
// reached the new leader, and the others are lost. A deposed leader does not notice it at once.
func (w *simWorld) elect(n *simNode) {
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.leader
	if old == n {
		return
	}
	kept := 0
	if len(w.pending) > 0 {
		kept = w.number("kept", len(w.pending)+1)
	}
	for i, e := range w.pending {
		e.lost = true
		close(e.settled)
		if i < kept {
			w.commit(e)
		}
	}
	w.pending = nil
	if old != nil && old.up && (n == nil || !w.reaches(n, old)) {
		old.deposed = true
	}
	w.leader = n
	w.term++
	if n != nil {
		n.deposed = false
		n.required = len(w.entries)
	}
	w.notify()
}
