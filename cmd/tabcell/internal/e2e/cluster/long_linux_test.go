//go:build cluster

package cluster

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// TestLong runs five nodes for TABCELL_CLUSTER_FOR while clients change and query endpoints through
// all nodes, and nodes are killed and stopped. The history of the changes must be linearizable, the
// nodes must be equal at the end, and queries must not fail on a node that runs.
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
	g := newGroup(t, 5, t.TempDir())
	g.form()
	w := &workload{group: g, began: time.Now()}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for i := range 4 {
		clients.Go(func() { w.client(i, rand.New(rand.NewPCG(seed, uint64(i))), stop) })
	}
	w.breakNodes(rand.New(rand.NewPCG(seed, 99)), time.Now().Add(duration))
	close(stop)
	clients.Wait()
	g.awaitVoters(5)
	w.check()
}

// workload is a history of changes.
type workload struct {
	*group
	began time.Time

	mu      sync.Mutex
	history []porcupine.Operation
	times   []time.Duration // of changes that succeeded
	stopped map[*node]bool  // by SIGSTOP or SIGKILL
	failed  atomic.Int32    // queries without a response although the node ran
	queries atomic.Int32
	refused atomic.Int32 // changes with status 503
	unclear atomic.Int32
}

// change is an operation, and its result.
type change struct {
	kind, name string
	number     int // that a deployed function returns
	version    int // after a deployment; 0 after a removal
	notFound   bool
	unknown    bool
}

// state is that of one endpoint.
type state struct{ version, number int }

// model is the sequential registry, by endpoint.
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		byName := map[string][]porcupine.Operation{}
		for _, o := range history {
			name := o.Input.(change).name
			byName[name] = append(byName[name], o)
		}
		for _, part := range byName {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return state{} },
	Step: func(s, input, output any) (bool, any) {
		now, in, out := s.(state), input.(change), output.(change)
		switch in.kind {
		case "deploy":
			next := state{now.version + 1, in.number}
			return out.unknown || out.version == next.version, next
		case "remove":
			return out.unknown || out.notFound == (now.version == 0), state{}
		}
		return out.version == now.version && (now.version == 0 || out.number == now.number), now
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

var names = []string{"a", "b", "c"}

// client changes and queries endpoints on any node until stop is closed.
func (w *workload) client(id int, random *rand.Rand, stop <-chan struct{}) {
	for number := 1; ; number++ {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(20+random.IntN(200)) * time.Millisecond):
		}
		n, name := w.nodes[random.IntN(len(w.nodes))], names[random.IntN(len(names))]
		switch random.IntN(5) {
		case 0:
			w.change(id, n, change{kind: "remove", name: name})
		case 1, 2:
			w.change(id, n, change{kind: "deploy", name: name, number: id*1_000_000 + number})
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
	status, _ := n.send("POST", "/query/"+name, `{"data": {"x": 1}}`)
	w.queries.Add(1)
	if status != 200 && status != 404 && !w.isStopped(n) {
		w.failed.Add(1)
	}
}

func (w *workload) isStopped(n *node) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped[n]
}

// change makes a change and adds it to the history.
func (w *workload) change(client int, n *node, in change) {
	out, call := in, time.Now()
	var status int
	var body string
	if in.kind == "deploy" {
		status, body = n.send("PUT", "/endpoints/"+in.name+"/source", source(in.number))
	} else {
		status, body = n.send("DELETE", "/endpoints/"+in.name, "")
	}
	took := time.Since(call)
	w.mu.Lock()
	defer w.mu.Unlock()
	o := porcupine.Operation{ClientId: client, Input: in, Call: call.Sub(w.began).Nanoseconds(), Return: (call.Sub(w.began) + took).Nanoseconds()}
	switch {
	case status == 200 || status == 201 || status == 204:
		w.times = append(w.times, took)
		var reply struct{ Version int }
		_ = json.Unmarshal([]byte(body), &reply) // a removal has no body
		out.version = reply.Version
	case status == 404 && in.kind == "remove":
		out.notFound = true
	case status == 503 || status == 0 && strings.Contains(body, "connection refused"):
		w.refused.Add(1)
		return // nothing was changed
	default:
		w.unclear.Add(1)
		out.unknown, o.Return = true, math.MaxInt64
	}
	o.Output = out
	w.history = append(w.history, o)
}

// breakNodes kills and stops nodes until the end, at most two at once.
func (w *workload) breakNodes(random *rand.Rand, end time.Time) {
	w.stopped = map[*node]bool{}
	for time.Now().Before(end) {
		time.Sleep(time.Duration(1+random.IntN(4)) * time.Second)
		victims := []*node{w.nodes[random.IntN(5)], w.nodes[random.IntN(5)]}
		if random.IntN(2) == 0 {
			victims[0] = w.leader()
		}
		victims = slices.Compact(victims)
		victims = victims[:1+random.IntN(len(victims))]
		kill := random.IntN(2) == 0
		for _, n := range victims {
			w.mark(n, true)
			if kill {
				n.kill()
			} else {
				_ = n.process.Process.Signal(syscall.SIGSTOP)
			}
		}
		time.Sleep(time.Duration(2+random.IntN(8)) * time.Second)
		for _, n := range victims {
			if n.process == nil {
				n.start()
			} else {
				_ = n.process.Process.Signal(syscall.SIGCONT)
			}
			n.awaitReady()
			w.mark(n, false)
		}
	}
}

func (w *workload) mark(n *node, stopped bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped[n] = stopped
}

// check reads all endpoints on all nodes, and checks the history.
func (w *workload) check() {
	w.t.Helper()
	for i, n := range w.nodes {
		for _, name := range names {
			o := porcupine.Operation{ClientId: 100 + i, Input: change{kind: "read", name: name}, Call: time.Since(w.began).Nanoseconds()}
			status, body := n.send("POST", "/query/"+name, `{"data": {"x": 1}}`)
			var reply struct{ Response, Version int }
			if err := json.Unmarshal([]byte(body), &reply); err != nil || status != 200 && status != 404 {
				w.t.Errorf("%s on %s: status %d, %v: %s", name, n.name, status, err, body)
			}
			o.Output, o.Return = change{version: reply.Version, number: reply.Response}, time.Since(w.began).Nanoseconds()
			w.history = append(w.history, o)
		}
	}
	if !porcupine.CheckOperations(model, w.history) {
		for _, o := range w.history {
			w.t.Log(o.ClientId, time.Duration(o.Call), time.Duration(o.Return), model.DescribeOperation(o.Input, o.Output))
		}
		w.t.Error("the history is not linearizable")
	}
	if n := w.failed.Load(); n > 0 {
		w.t.Errorf("%d of %d queries failed on nodes that ran", n, w.queries.Load())
	}
	slices.Sort(w.times)
	w.t.Logf("%d changes, p50 %v, p99 %v; %d refused, %d unclear; %d queries", len(w.times), w.times[len(w.times)/2].Round(time.Millisecond),
		w.times[len(w.times)*99/100].Round(time.Millisecond), w.refused.Load(), w.unclear.Load(), w.queries.Load())
}
