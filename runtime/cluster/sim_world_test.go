package cluster

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
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

// violation notes that something that must always hold does not.
func (w *simWorld) violation(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
}
