package cluster

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime/registry"
)

// The simulation runs the replicas of several nodes in one process, over a simulated log, network
// and clock. The log has the promises of Raft and no others: committed commands are in the same order
// everywhere, and those that were proposed by a lost leader may be committed or not. The disks are
// folders of the host; a disk that fails cannot be written to.
//
// Times come from package synctest: nothing waits, so that a minute of a cluster takes milliseconds.
// All decisions come from the seed.

// simWorld is the cluster, its network and its log.
type simWorld struct {
	t     *testing.T
	seed  uint64
	nodes []*simNode
	ctx   context.Context

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when anything below changes
	entries [][]byte      // the committed commands; the index of the first is 1
	pending []*simEntry   // proposed by the leader, and not committed
	leader  *simNode      // nil between two leaders
	term    int           // number of elections
	cut     map[[2]*simNode]bool
	broken  []string // violations of invariants
}

// simEntry is a proposed command.
type simEntry struct {
	text    []byte
	ready   time.Time // when the voters have stored it
	index   uint64    // 0 until it is committed
	settled chan struct{}
	lost    bool // the proposer lost the leadership, so that it does not know the outcome
}

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

func newSimWorld(t *testing.T, seed uint64, n int) *simWorld {
	w := &simWorld{t: t, seed: seed, changed: make(chan struct{}), cut: map[[2]*simNode]bool{}}
	w.ctx = t.Context()
	root := simFolder(t)
	for i := range n {
		node := &simNode{world: w, id: fmt.Sprintf("node%04d", i), dir: filepath.Join(root, fmt.Sprint(i)), turn: make(chan struct{}, 1)}
		if w.chance(node.id, 5) {
			node.slow = 50 * time.Millisecond
		}
		w.nodes = append(w.nodes, node)
	}
	for _, node := range w.nodes {
		node.start()
	}
	w.elect(w.nodes[0])
	return w
}

// simFolder returns a folder in memory, if the host has one.
func simFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "tabcell-sim-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// notify wakes all that wait for a change. The caller holds w.mu.
func (w *simWorld) notify() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// wait waits for a change, or until ctx is done. The caller holds w.mu, and holds it again afterwards.
func (w *simWorld) wait(ctx context.Context) {
	changed := w.changed
	w.mu.Unlock()
	select {
	case <-changed:
	case <-ctx.Done():
	}
	w.mu.Lock()
}

// number returns a number below n, which depends on the seed, the key and the time only, and not on
// the order in which goroutines run.
func (w *simWorld) number(key string, n int) int {
	h := fnv.New64a()
	fmt.Fprint(h, w.seed, key, time.Now().UnixNano())
	return int(rand.New(rand.NewPCG(h.Sum64(), w.seed)).Int64N(int64(n)))
}

// chance reports whether an event of one in n happens.
func (w *simWorld) chance(key string, n int) bool { return w.number(key, n) == 0 }

// latency returns a time of a message, most of a millisecond, sometimes much more.
func (w *simWorld) latency(key string) time.Duration {
	d := 100*time.Microsecond + time.Duration(w.number("latency"+key, int(2*time.Millisecond)))
	if w.chance("slow"+key, 50) {
		d += time.Duration(w.number("delay"+key, int(400*time.Millisecond)))
	}
	return d
}

// pause waits for a time, or until ctx is done. It reports whether the time has passed.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
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

// violation notes that something that must always hold does not.
func (w *simWorld) violation(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
}
