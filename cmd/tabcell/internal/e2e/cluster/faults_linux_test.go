//go:build cluster

package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"
)

// fault is what happens to one or two nodes for a while.
type fault struct {
	name  string
	begin func(w *workload, victims []*node)
	mend  func(w *workload, victims []*node)
	quiet bool // the victims do not answer meanwhile
	disk  bool // the victims are nodes with a small disk
}

// faults of processes need nothing.
var processFaults = []fault{
	{name: "kill -9", quiet: true, begin: each((*node).kill), mend: each((*node).start)},
	{name: "SIGSTOP", quiet: true, begin: each(func(n *node) { _ = n.process.Process.Signal(syscall.SIGSTOP) }),
		mend: each(func(n *node) { _ = n.process.Process.Signal(syscall.SIGCONT) })},
}

// machineFaults need a network of namespaces.
var machineFaults = []fault{
	{name: "partition", begin: cut(true, true), mend: mendNetwork},
	{name: "one way, cannot send", begin: cut(true, false), mend: mendNetwork},
	{name: "one way, cannot receive", begin: cut(false, true), mend: mendNetwork},
	{name: "slow link", begin: func(w *workload, victims []*node) { each(w.network.slow)(w, victims) }, mend: mendNetwork},
	{name: "full disk", disk: true, begin: each((*node).fill), mend: each((*node).empty)},
}

// clockFaults need a program with a clock of its own.
var clockFaults = []fault{
	{name: "clock an hour ahead", begin: each(func(n *node) { n.clock.jump(time.Hour) }), mend: each(rightClock)},
	{name: "clock an hour behind", begin: each(func(n *node) { n.clock.jump(-time.Hour) }), mend: each(rightClock)},
	{name: "clock fast by a tenth", begin: each(func(n *node) { n.clock.run(0.1) }), mend: each(func(n *node) { n.clock.keep() })},
	{name: "clock slow by a tenth", begin: each(func(n *node) { n.clock.run(-0.1) }), mend: each(func(n *node) { n.clock.keep() })},
}

func rightClock(n *node) { n.clock.right() }

// each returns the part of a fault that does something to each victim.
func each(do func(*node)) func(*workload, []*node) {
	return func(_ *workload, victims []*node) {
		for _, n := range victims {
			do(n)
		}
	}
}

// cut returns the begin of a fault in which the victims cannot send to the other nodes, cannot
// receive from them, or both.
func cut(send, receive bool) func(*workload, []*node) {
	return func(w *workload, victims []*node) {
		for _, n := range victims {
			for _, other := range w.nodes {
				if slices.Contains(victims, other) {
					continue
				}
				if send {
					w.network.cut(n, other)
				}
				if receive {
					w.network.cut(other, n)
				}
			}
		}
	}
}

func mendNetwork(w *workload, _ []*node) { w.network.mend() }

// breakNodes lets faults happen until the end, one after another, each to at most two nodes.
func (w *workload) breakNodes(random *rand.Rand, end time.Time) {
	faults := slices.Concat(processFaults, clockFaults)
	if w.network != nil {
		faults = append(faults, machineFaults...)
	}
	for i := 0; time.Now().Before(end); i++ {
		if i%len(faults) == 0 {
			random.Shuffle(len(faults), func(a, b int) { faults[a], faults[b] = faults[b], faults[a] })
		}
		time.Sleep(time.Duration(1+random.IntN(4)) * time.Second)
		w.happen(faults[i%len(faults)], random)
	}
}

// happen lets a fault happen for some seconds, and waits until all nodes are well.
func (w *workload) happen(f fault, random *rand.Rand) {
	leader := w.leader()
	victims := w.victims(f, leader, random)
	w.mark(victims, f.quiet)
	began := time.Now()
	f.begin(w, victims)
	note := fmt.Sprintf("%v: %s of %s", began.Sub(w.began).Round(time.Second), f.name, called(victims))
	end := began.Add(time.Duration(4+random.IntN(8)) * time.Second)
	if slices.Contains(victims, leader) {
		note += fmt.Sprintf(", which led; the next change took %v", w.awaitChange(f.name, victims, end).Round(time.Millisecond))
	}
	time.Sleep(time.Until(end))
	f.mend(w, victims)
	mended := time.Now()
	for _, n := range w.nodes {
		n.awaitReady()
	}
	w.mark(victims, false)
	w.awaitVoters(len(w.nodes))
	w.t.Logf("%s; all nodes had everything %v after its end", note, time.Since(mended).Round(time.Millisecond))
}

// victims returns one or two nodes, among them the leader in about half of the cases.
func (w *workload) victims(f fault, leader *node, random *rand.Rand) []*node {
	from := slices.Clone(w.nodes)
	if f.disk {
		from = from[len(from)-smallDisks:]
	}
	random.Shuffle(len(from), func(a, b int) { from[a], from[b] = from[b], from[a] })
	if i := slices.Index(from, leader); i > 0 && random.IntN(2) == 0 {
		from[0], from[i] = from[i], from[0]
	}
	return from[:1+random.IntN(2)]
}

// awaitChange returns how long it takes after a fault until a change through one of the other nodes
// succeeds. At the end it gives up.
func (w *workload) awaitChange(fault string, victims []*node, end time.Time) time.Duration {
	began := time.Now()
	for i := 0; time.Now().Before(end); i++ {
		n := w.nodes[i%len(w.nodes)]
		if slices.Contains(victims, n) {
			continue
		}
		w.probes++
		if w.change(50, n, change{kind: "deploy", name: w.name(0), number: 50_000_000 + w.probes}) {
			w.failovers[fault] = append(w.failovers[fault], time.Since(began))
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(began)
}

func (w *workload) mark(nodes []*node, stopped bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range nodes {
		w.stopped[n] = stopped
	}
}

// called returns the names of nodes.
func called(nodes []*node) string {
	var all []string
	for _, n := range nodes {
		all = append(all, n.name)
	}
	return strings.Join(all, " and ")
}
