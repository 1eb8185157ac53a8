//go:build cluster

package cluster

import (
	"slices"
	"testing"
	"time"
)

// failovers is how often TestFailover lets each fault happen.
const failovers = 10

// TestFailover logs how long the next change takes after a fault of the leader of five nodes without
// other work. A full disk is that of a leader, so that the leadership moves to such a node first.
func TestFailover(t *testing.T) {
	w := newWorkload(t)
	w.form()
	w.began = time.Now()
	faults := slices.Clone(processFaults)
	if w.network != nil {
		faults = append(faults, machineFaults...)
	}
	for _, f := range faults {
		for range failovers {
			w.failOver(f)
		}
	}
	w.check()
}

// failOver lets a fault happen to the leader, until a change has succeeded.
func (w *workload) failOver(f fault) {
	w.t.Helper()
	for f.disk && !slices.Contains(w.nodes[len(w.nodes)-smallDisks:], w.leader()) {
		leader := w.leader() // a restart would hand the leadership over to the first nodes only
		leader.kill()
		leader.start()
		leader.awaitReady()
		w.awaitVoters(len(w.nodes))
	}
	victims := []*node{w.leader()}
	f.begin(w, victims)
	took := w.awaitChange(f.name, victims, time.Now().Add(time.Minute))
	w.t.Logf("%s of %s: the next change took %v", f.name, called(victims), took.Round(time.Millisecond))
	f.mend(w, victims)
	for _, n := range w.nodes {
		n.awaitReady()
	}
	w.awaitVoters(len(w.nodes))
}
