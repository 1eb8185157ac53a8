package cluster

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
)

// TestSimulation runs clusters with faults, and checks that their histories are linearizable.
// TABCELL_SIM_SEEDS is the number of clusters, TABCELL_SIM_SEED the first seed.
func TestSimulation(t *testing.T) {
	first, count := environmentNumber("TABCELL_SIM_SEED", 1), environmentNumber("TABCELL_SIM_SEEDS", 40)
	var total simFigures
	for seed := first; seed < first+count; seed++ {
		ok := t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { total.add(simulate(t, uint64(seed))) })
		})
		if !ok {
			t.Fatalf("repeat it with TABCELL_SIM_SEED=%d TABCELL_SIM_SEEDS=1", seed)
		}
	}
	t.Logf("%d clusters: %+v", count, total)
}

func environmentNumber(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// simFigures has the figures of a simulation.
type simFigures struct{ operations, unknown, unavailable, elections, crashes, partitions, diskFaults int }

func (f *simFigures) add(g simFigures) {
	f.operations += g.operations
	f.unknown += g.unknown
	f.unavailable += g.unavailable
	f.elections += g.elections
	f.crashes += g.crashes
	f.partitions += g.partitions
	f.diskFaults += g.diskFaults
}

// simRun is one cluster with its clients and faults.
type simRun struct {
	*simWorld
	mu      sync.Mutex
	history []porcupine.Operation
	figures simFigures
	nextSum int
}

const (
	simTime    = 40 * time.Second // with faults
	simClients = 4
)

var simNames = []string{"a", "b", "c"}

// simulate runs one cluster.
func simulate(t *testing.T, seed uint64) simFigures {
	nodes := 3
	if seed%3 == 0 {
		nodes = 5
	}
	ctx, cancel := context.WithCancel(t.Context())
	w := newSimWorld(t, seed, nodes)
	r := &simRun{simWorld: w}
	var background, clients sync.WaitGroup
	background.Go(func() { w.commitAll(ctx) })
	background.Go(func() { r.holdElections(ctx) })
	faults, calm := context.WithTimeout(ctx, simTime)
	defer calm()
	background.Go(func() { r.makeFaults(faults) })
	for i := range simClients {
		clients.Go(func() { r.client(faults, i) })
	}
	clients.Wait()
	r.heal()
	time.Sleep(2 * time.Minute)
	r.checkEnd(ctx)
	cancel()
	for _, n := range w.nodes {
		n.crash()
	}
	background.Wait()
	r.report(t)
	return r.figures
}

// report fails the test if something is wrong.
func (r *simRun) report(t *testing.T) {
	for _, text := range r.broken {
		t.Error(text)
	}
	for _, part := range registryModel.Partition(r.history) {
		if !porcupine.CheckOperations(registryModel, part) {
			t.Errorf("the history of the endpoint is not linearizable:\n%s", describeHistory(part))
		}
	}
}

// describeHistory returns the operations in the order of their beginnings.
func describeHistory(part []porcupine.Operation) string {
	slices.SortFunc(part, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	var b strings.Builder
	for _, o := range part {
		in, out := o.Input.(simInput), o.Output.(simOutput)
		end := fmt.Sprintf("%12s", time.Duration(o.Return-part[0].Call).Round(time.Microsecond))
		if o.Return == math.MaxInt64 {
			end = "     unknown"
		}
		fmt.Fprintf(&b, "%12s %s client %d: %s %s %.6s (replace %v) -> %s version %d %.6s\n",
			time.Duration(o.Call-part[0].Call).Round(time.Microsecond), end, o.ClientId, in.kind, in.name, in.sum, in.replace, out.refused, out.version, out.sum)
	}
	return b.String()
}

func (r *simRun) count(n *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*n++
}

// checkEnd checks that all nodes have become equal, with all blobs.
func (r *simRun) checkEnd(ctx context.Context) {
	for i, n := range r.nodes {
		for _, name := range simNames {
			before := len(r.history)
			r.operate(100+i, n, simInput{kind: readOperation, name: name})
			if len(r.history) == before {
				r.violation("node %s cannot be read at the end", n.id)
			}
		}
		r.checkFolder(n)
	}
}

// checkFolder compares the folder of a node with the state of the first node.
func (r *simRun) checkFolder(n *simNode) {
	want, _ := r.nodes[0].replica.machine.endpoints()
	all := n.replica.registry.List()
	if len(all) != len(want) || !n.replica.isSynced() {
		r.violation("node %s has %d endpoints at the end, synced: %v, problem: %v; want %d", n.id, len(all), n.replica.isSynced(), n.replica.folderProblem(), len(want))
	}
	for _, e := range all {
		if !e.Equal(want[e.Name]) {
			r.violation("node %s has another state of %s: version %d, want %d", n.id, e.Name, e.Version, want[e.Name].Version)
		}
		for _, v := range e.Versions {
			if _, err := n.replica.registry.Content(v); err != nil {
				r.violation("node %s lacks the code of %s version %d: %v", n.id, e.Name, v.Number, err)
			}
		}
	}
}
