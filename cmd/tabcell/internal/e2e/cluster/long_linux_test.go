//go:build cluster

package cluster

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// smallDisks is the number of nodes whose disk the test can fill.
const smallDisks = 2

// TestLong runs five nodes for TABCELL_CLUSTER_FOR while clients change and query endpoints through
// all nodes. Meanwhile nodes are killed and stopped, their clocks jump and drift and, if the test runs
// as root, they lose the others, have slow links or full disks. The history of the changes must be linearizable, the nodes must be
// equal at the end, and queries must not fail on a node that runs.
func TestLong(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("TABCELL_CLUSTER_FOR"))
	if err != nil {
		duration = time.Minute
	}
	seed, err := strconv.ParseUint(os.Getenv("TABCELL_CLUSTER_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("TABCELL_CLUSTER_SEED=%d", seed)
	w := newWorkload(t)
	w.form()
	end := w.startClients(4, seed)
	w.breakNodes(rand.New(rand.NewPCG(seed, 99)), time.Now().Add(duration))
	end()
	w.awaitVoters(5)
	w.check()
}

// startClients starts clients, and returns a function that ends them. They end with the test at last.
func (w *workload) startClients(count int, seed uint64) (end func()) {
	w.began = time.Now()
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for i := range count {
		clients.Go(func() { w.client(i, rand.New(rand.NewPCG(seed, uint64(i))), stop) })
	}
	end = sync.OnceFunc(func() {
		close(stop)
		clients.Wait()
	})
	w.t.Cleanup(end)
	return end
}

// workload is a history of changes.
type workload struct {
	*group
	network *network // nil without faults of it and of disks
	began   time.Time

	mu      sync.Mutex
	history []porcupine.Operation
	times   []time.Duration // of changes that succeeded
	stopped map[*node]bool  // by SIGSTOP or SIGKILL
	failed  atomic.Int32    // queries without a response although the node ran
	queries atomic.Int32
	refused atomic.Int32   // changes of which the node said that nothing was changed
	unclear map[string]int // changes by their status or error

	probes    int                        // changes after a fault of the leader
	failovers map[string][]time.Duration // until one of them succeeded, by the fault
}

func newWorkloadOf(g *group) *workload {
	return &workload{group: g, stopped: map[*node]bool{}, unclear: map[string]int{}, failovers: map[string][]time.Duration{}}
}

// newWorkload returns five nodes with clocks of their own, which have not started.
func newWorkload(t *testing.T) (w *workload) {
	dir := t.TempDir()
	if network := newNetwork(t, 5); network != nil {
		w = newWorkloadOf(newGroupAt(t, network.places, dir))
		w.network = network
		for _, n := range w.nodes[len(w.nodes)-smallDisks:] {
			n.smallDisk()
		}
	} else {
		w = newWorkloadOf(newGroup(t, 5, dir))
	}
	w.giveClocks(t)
	return w
}

// name returns the name of an endpoint. Each minute has other ones, which keeps the histories of
// single endpoints short enough to check.
func (w *workload) name(i int) string {
	return fmt.Sprintf("%c_%d", 'a'+i, int(time.Since(w.began)/time.Minute))
}

// client changes and queries endpoints on any node until stop is closed.
func (w *workload) client(id int, random *rand.Rand, stop <-chan struct{}) {
	for number := 1; ; number++ {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(20+random.IntN(200)) * time.Millisecond):
		}
		n, name := w.nodes[random.IntN(len(w.nodes))], w.name(random.IntN(3))
		switch random.IntN(6) {
		case 0:
			w.change(id, n, change{kind: "remove", name: name})
		case 1, 2:
			w.change(id, n, change{kind: "deploy", name: name, number: id*1_000_000 + number})
		case 3:
			w.change(id, n, change{kind: "rollback", name: name})
		default:
			w.query(n, name)
		}
	}
}

// query queries an endpoint, which may be missing.
func (w *workload) query(n *node, name string) {
	if w.isStopped(n) {
		return
	}
	status, body := n.send("POST", "/query/"+name, `{"data": {"x": 1}}`)
	w.queries.Add(1)
	if status != 200 && status != 404 && !w.isStopped(n) {
		w.failed.Add(1)
		w.t.Logf("%v: query of %s on %s: status %d: %s", time.Since(w.began).Round(time.Second), name, n.name, status, body)
	}
}

func (w *workload) isStopped(n *node) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped[n]
}

// change makes a change, adds it to the history, and returns whether it succeeded.
func (w *workload) change(client int, n *node, in change) bool {
	out, call := in, time.Now()
	status, body := n.send(in.request())
	took := time.Since(call)
	w.mu.Lock()
	defer w.mu.Unlock()
	o := porcupine.Operation{ClientId: client, Input: in, Call: call.Sub(w.began).Nanoseconds(), Return: (call.Sub(w.began) + took).Nanoseconds()}
	switch {
	case status == 200 || status == 201 || status == 204:
		w.times = append(w.times, took)
		out.version = in.versionIn(body)
	case status == 404 && in.kind != "deploy":
		out.notFound = true
	case strings.Contains(body, "there is no version before"):
		out.first = true
	case unchanged(status, body):
		w.refused.Add(1)
		return false // nothing was changed
	default:
		w.unclear[reason(status, body)]++
		out.unknown, o.Return = true, math.MaxInt64
	}
	o.Output = out
	w.history = append(w.history, o)
	return !out.unknown
}
