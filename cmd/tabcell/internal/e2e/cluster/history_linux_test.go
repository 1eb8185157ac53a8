//go:build cluster

package cluster

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// change is an operation, and its result.
type change struct {
	kind, name string
	number     int // that a deployed function returns
	version    int // after a deployment or rollback; 0 after a removal
	notFound   bool
	first      bool // nothing was rolled back, because there is one version
	unknown    bool
}

// state is that of one endpoint: its version, and what this and the version before return. All are 0
// without it.
type state struct{ version, number, before int }

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
		return s.(state).step(input.(change), output.(change))
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

// step returns the state after an operation, and whether its output is right.
func (s state) step(in, out change) (bool, any) {
	next, right := s, false
	switch in.kind {
	case "deploy":
		next = state{s.version + 1, in.number, s.number}
		right = out.version == next.version
	case "remove":
		next = state{}
		right = out.notFound == (s.version == 0)
	case "rollback":
		if s.version > 1 {
			next = state{s.version + 1, s.before, s.number}
		}
		right = out.notFound == (s.version == 0) && out.first == (s.version == 1) && (s.version < 2 || out.version == next.version)
	default:
		right = out.version == s.version && (s.version == 0 || out.number == s.number)
	}
	return right || out.unknown, next
}

// check reads all endpoints on all nodes, and checks the history.
func (w *workload) check() {
	w.t.Helper()
	for i, n := range w.nodes {
		for _, name := range w.names() {
			w.read(100+i, n, name)
		}
	}
	switch porcupine.CheckOperationsTimeout(model, w.history, 5*time.Minute) {
	case porcupine.Unknown:
		w.t.Error("the check of the history takes too long")
	case porcupine.Illegal:
		for _, o := range w.history {
			w.t.Log(o.ClientId, time.Duration(o.Call), time.Duration(o.Return), model.DescribeOperation(o.Input, o.Output))
		}
		w.t.Error("the history is not linearizable")
	}
	if n := w.failed.Load(); n > 0 {
		w.t.Errorf("%d of %d queries failed on nodes that ran", n, w.queries.Load())
	}
	w.figures()
}

// names returns the names of all endpoints that were changed.
func (w *workload) names() (all []string) {
	for _, o := range w.history {
		all = append(all, o.Input.(change).name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// read adds what a node has at the end to the history.
func (w *workload) read(client int, n *node, name string) {
	w.t.Helper()
	o := porcupine.Operation{ClientId: client, Input: change{kind: "read", name: name}, Call: time.Since(w.began).Nanoseconds()}
	status, body := n.send("POST", "/query/"+name, `{"data": {"x": 1}}`)
	var reply struct{ Response, Version int }
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != 200 && status != 404 {
		w.t.Errorf("%s on %s: status %d, %v: %s", name, n.name, status, err, body)
	}
	o.Output, o.Return = change{version: reply.Version, number: reply.Response}, time.Since(w.began).Nanoseconds()
	w.history = append(w.history, o)
}

// figures logs how many changes there were, and how long they and the search for a new leader took.
func (w *workload) figures() {
	unclear := 0
	for why, count := range w.unclear {
		unclear += count
		w.t.Logf("unclear, %d times: %s", count, why)
	}
	w.t.Logf("%d changes, %s; %d refused, %d unclear; %d queries", len(w.times), spread(w.times), w.refused.Load(), unclear, w.queries.Load())
	for _, fault := range slices.Sorted(maps.Keys(w.failovers)) {
		w.t.Logf("%s of the leader, %d times; the next change took %s", fault, len(w.failovers[fault]), spread(w.failovers[fault]))
	}
}

// spread returns the median, the 99th percentile and the largest of some durations.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(percent int) time.Duration { return all[(len(all)-1)*percent/100].Round(time.Millisecond) }
	return fmt.Sprintf("p50 %v, p99 %v, max %v", at(50), at(99), at(100))
}
