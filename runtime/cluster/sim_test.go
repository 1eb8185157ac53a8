package cluster

import (
	"cmp"
	"context"
	"errors"
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

	"tabcell/runtime/registry"
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

// holdElections replaces a leader that has no majority after one to three seconds.
func (r *simRun) holdElections(ctx context.Context) {
	for pause(ctx, 100*time.Millisecond) {
		r.simWorld.mu.Lock()
		healthy := r.leader != nil && r.leader.up && r.simWorld.majority(r.leader)
		for _, n := range r.nodes {
			if n.deposed && r.chance("lease"+n.id, 5) {
				n.deposed = false // its lease has ended
			}
		}
		r.simWorld.mu.Unlock()
		if healthy {
			continue
		}
		if !pause(ctx, time.Second+time.Duration(r.number("election", 2000))*time.Millisecond) {
			return
		}
		r.electAny()
	}
}

// electAny makes any node with a majority the leader, or none.
func (r *simRun) electAny() {
	r.simWorld.mu.Lock()
	var able []*simNode
	for _, n := range r.nodes {
		if n.up && r.simWorld.majority(n) {
			able = append(able, n)
		}
	}
	var chosen *simNode
	if len(able) > 0 {
		chosen = able[r.number("leader", len(able))]
	}
	r.simWorld.mu.Unlock()
	r.elect(chosen)
	r.count(&r.figures.elections)
}

func (r *simRun) count(n *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*n++
}

// makeFaults breaks and repairs parts of the cluster until ctx is done.
func (r *simRun) makeFaults(ctx context.Context) {
	for pause(ctx, time.Duration(1+r.number("pause", 2500))*time.Millisecond) {
		n := r.nodes[r.number("victim", len(r.nodes))]
		switch r.number("fault", 8) {
		case 0, 1:
			r.partition(n)
		case 2:
			r.mend()
		case 3:
			r.count(&r.figures.crashes)
			n.crash()
		case 4, 5:
			r.restart()
		case 6:
			r.count(&r.figures.diskFaults)
			n.breakDisk(r.chance("disk", 2))
		case 7:
			r.electAny() // a transfer of the leadership
		}
	}
}

// partition cuts connections of a node: all, those in one direction, or one.
func (r *simRun) partition(n *simNode) {
	r.count(&r.figures.partitions)
	kind := r.number("kind", 4)
	other := r.nodes[r.number("other", len(r.nodes))]
	r.simWorld.mu.Lock()
	defer r.simWorld.mu.Unlock()
	for _, m := range r.nodes {
		r.cut[[2]*simNode{n, m}] = kind == 0 || kind == 1 || kind == 3 && m == other
		r.cut[[2]*simNode{m, n}] = kind == 0 || kind == 2
	}
	r.notify()
}

func (r *simRun) mend() {
	r.simWorld.mu.Lock()
	defer r.simWorld.mu.Unlock()
	clear(r.cut)
	r.notify()
}

func (r *simRun) restart() {
	for _, n := range r.nodes {
		r.simWorld.mu.Lock()
		up := n.up
		r.simWorld.mu.Unlock()
		if !up {
			n.breakDisk(false) // a node does not start without its disk
			n.start()
		}
	}
}

// heal repairs everything.
func (r *simRun) heal() {
	for _, n := range r.nodes {
		n.breakDisk(false)
	}
	r.mend()
	r.restart()
}

// client makes changes and reads on any nodes.
func (r *simRun) client(ctx context.Context, id int) {
	key := fmt.Sprint("client", id)
	for pause(ctx, time.Duration(50+r.number(key, 700))*time.Millisecond+time.Duration(id)*time.Microsecond) {
		in := simInput{name: simNames[r.number(key+"name", len(simNames))], replace: !r.chance(key+"replace", 5)}
		switch r.number(key+"kind", 10) {
		case 0, 1, 2, 3:
			in.kind = deployChange
		case 4, 5:
			in.kind = rollbackChange
		case 6:
			in.kind = removeChange
		default:
			in.kind = readOperation
		}
		r.operate(id, r.nodes[r.number(key+"node", len(r.nodes))], in)
	}
}

// operate performs an operation on a node and adds it to the history.
func (r *simRun) operate(client int, n *simNode, in simInput) {
	r.simWorld.mu.Lock()
	up, p, life := n.up, n.replica, n.ctx
	group := n.group
	if up {
		group.Add(1)
	}
	r.simWorld.mu.Unlock()
	if !up {
		return
	}
	call := time.Now()
	out, err := r.perform(life, p, &in)
	finished := time.Now()
	group.Done()
	r.mu.Lock()
	defer r.mu.Unlock()
	operation := porcupine.Operation{ClientId: client, Input: in, Call: call.UnixNano(), Output: out, Return: finished.UnixNano()}
	r.figures.operations++
	switch {
	case err == nil:
	case in.kind == readOperation || harmless(err):
		r.figures.unavailable++
		return // it changed nothing and shows nothing
	case errors.Is(err, ErrUnclear) || life.Err() != nil:
		r.figures.unknown++
		operation.Output, operation.Return = simOutput{unknown: true}, math.MaxInt64
	default:
		r.violation("%+v: unexpected error: %v", in, err)
		return
	}
	r.history = append(r.history, operation)
}

// harmless reports whether a change that failed with err surely was not made.
func harmless(err error) bool {
	if errors.Is(err, ErrUnclear) {
		return false
	}
	_, unavailable := errors.AsType[*UnavailableError](err)
	_, storage := errors.AsType[*registry.StorageError](err)
	return unavailable || storage || errors.Is(err, ErrNoMajority) || errors.Is(err, registry.ErrDamaged) || strings.Contains(err.Error(), "could not write")
}

// perform performs an operation. The output has the reason of a refusal, which is no error.
func (r *simRun) perform(ctx context.Context, p *replica, in *simInput) (out simOutput, err error) {
	s := (&Node{replica: p}).As(ctx, Caller{User: "ann", Roles: []string{deployRole}})
	var e registry.Endpoint
	switch in.kind {
	case readOperation:
		return read(ctx, p, in.name)
	case deployChange:
		r.mu.Lock()
		r.nextSum++
		code := registry.Code{Kind: registry.Source, Function: "f", Content: fmt.Appendf(nil, "def f(): return %d", r.nextSum)}
		r.mu.Unlock()
		in.sum = sumOf(code.Content)
		e, err = s.Deploy(registry.Deployment{Name: in.name, Code: code, Replace: in.replace})
	case rollbackChange:
		e, err = s.Rollback(in.name, 0, "ann")
	case removeChange:
		err = s.Remove(in.name)
	}
	for text, refusal := range map[string]error{"exists": registry.ErrExists, "not_found": registry.ErrNotFound, "invalid": registry.ErrInvalid} {
		if errors.Is(err, refusal) {
			return simOutput{refused: text}, nil
		}
	}
	return simOutput{version: e.Version, sum: e.Current().Sum}, err
}

func sumOf(content []byte) string { return secretDigest(string(content)) }

// read reads an endpoint after this node has everything that was acknowledged before.
func read(ctx context.Context, p *replica, name string) (simOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	index, err := p.readIndex(ctx)
	if err == nil {
		err = p.await(ctx, func() bool { return p.machine.applied() >= index })
	}
	e, _ := p.machine.get(name)
	return simOutput{version: e.Version, sum: e.Current().Sum}, err
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
