package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime/registry"
)

// simNode is a machine. Its folder survives crashes, its replica does not.
type simNode struct {
	world *simWorld
	id    string
	dir   string
	slow  time.Duration // of its disk

	turn chan struct{} // has an element while the node starts or stops
	life sync.Mutex    // held while a command is applied, and while the folder is opened or closed

	// guarded by world.mu
	up       bool
	replica  *replica
	ctx      context.Context // of the present life
	stop     context.CancelFunc
	applied  int // number of entries
	required int // entries that a new leader has to apply first
	deposed  bool
	results  map[uint64]result // of its own proposals
	group    *sync.WaitGroup
}

// start begins a life of the node: it opens its folder and applies its log.
func (n *simNode) start() {
	n.turn <- struct{}{} // a crash may wait for the end of the last life
	defer func() { <-n.turn }()
	n.world.mu.Lock()
	up := n.up
	n.world.mu.Unlock()
	if up {
		return
	}
	n.life.Lock()
	defer n.life.Unlock()
	limits := registry.Options{Replicated: true, MaxBytes: 1 << 20, MaxCount: 100, KeepVersions: simKeep, Now: time.Now}
	r, err := registry.Open(n.dir, limits)
	if err != nil {
		n.world.violation("node %s cannot open its folder: %v", n.id, err)
		return
	}
	p := newReplica(n.id, r, limits, zerolog.Nop())
	p.machine.state.Imported = true
	w := n.world
	w.mu.Lock()
	defer w.mu.Unlock()
	n.ctx, n.stop = context.WithCancel(w.ctx)
	n.up, n.replica, n.results, n.group = true, p, map[uint64]result{}, &sync.WaitGroup{}
	n.applied, n.required, n.deposed = 0, 0, false
	p.log, p.peers = &simLog{n, p}, &simPeers{n, n.ctx}
	p.yield = func(context.Context) bool { return w.transfer(n) }
	ctx := n.ctx
	n.group.Go(func() { n.applyAll(ctx, p) })
	n.group.Go(func() { p.keepSynced(ctx) })
	n.group.Go(func() { p.keepBlobs(ctx) })
	w.notify()
}

// crash ends the life of the node at any moment except while a file is written.
func (n *simNode) crash() {
	n.turn <- struct{}{}
	defer func() { <-n.turn }()
	w := n.world
	w.mu.Lock()
	up := n.up
	if up {
		n.up = false
		n.stop()
		w.notify()
	}
	group, p, led := n.group, n.replica, w.leader == n
	w.mu.Unlock()
	if !up {
		return
	}
	if led {
		w.elect(nil)
	}
	group.Wait()
	n.life.Lock()
	defer n.life.Unlock()
	if err := p.registry.Close(); err != nil {
		w.violation("node %s cannot close its folder: %v", n.id, err)
	}
}

// breakDisk makes all writes of the node fail, or ends that.
func (n *simNode) breakDisk(broken bool) {
	temp, away := filepath.Join(n.dir, "tmp"), filepath.Join(n.dir, "tmp.away")
	if broken {
		_ = os.Rename(temp, away)
	} else {
		_ = os.Rename(away, temp)
	}
}

// applyAll applies the committed commands while the node has contact with the leader.
func (n *simNode) applyAll(ctx context.Context, p *replica) {
	w := n.world
	for ctx.Err() == nil {
		w.mu.Lock()
		for ctx.Err() == nil && (n.applied >= len(w.entries) || !w.hears(n) || w.leader != n && n.applied >= w.leader.applied) {
			w.wait(ctx) // readIndex promises nothing about commands that the leader has not applied
		}
		if ctx.Err() != nil {
			w.mu.Unlock()
			return
		}
		index := n.applied
		text := w.entries[index]
		behind := len(w.entries) - index
		w.mu.Unlock()
		if behind < 20 && !pause(ctx, w.latency(n.id)+n.slow) {
			return
		}
		if behind > 10 && w.chance(n.id, 20) && n.takeSnapshot(p) {
			continue
		}
		n.applyOne(p, index, text)
	}
}

func (n *simNode) applyOne(p *replica, index int, text []byte) {
	n.life.Lock()
	r := p.apply(uint64(index+1), text)
	n.life.Unlock()
	w := n.world
	w.mu.Lock()
	defer w.mu.Unlock()
	n.applied = index + 1
	n.results[uint64(index+1)] = r
	w.notify()
}

// takeSnapshot replaces the state by that of the leader, as Raft does for a node that is far behind.
func (n *simNode) takeSnapshot(p *replica) bool {
	w := n.world
	w.mu.Lock()
	leader := w.leader
	if leader == nil || leader == n || leader.applied <= n.applied {
		w.mu.Unlock()
		return false
	}
	from := leader.replica
	w.mu.Unlock()
	captured, err := from.machine.capture()
	if err != nil {
		w.violation("capture: %v", err)
		return false
	}
	in, out := newPipe()
	if err := errors.Join(captured.write(out), p.restore(in)); err != nil {
		w.violation("restore: %v", err)
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n.applied = int(captured.Applied)
	w.notify()
	return true
}
