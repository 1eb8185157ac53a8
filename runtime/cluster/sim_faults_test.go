package cluster

import (
	"context"
	"time"
)

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
