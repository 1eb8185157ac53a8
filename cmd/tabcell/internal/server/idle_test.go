package server

import (
	goruntime "runtime"
	"testing"
)

// TestIdleCollector checks that garbage is returned if it is much and the server is idle.
func TestIdleCollector(t *testing.T) {
	var state heapState
	freed := 0
	c := &idleCollector{read: func() heapState { return state }, free: func() { freed++ }}
	const large, live = idleGarbage + 1, 100 << 20
	for i, step := range []struct {
		allocated, objects, unused uint64
		want                       int
	}{
		{idleAllocation, live + large, 0, 0},     // since the start
		{0, live + large, 0, 1},                  // garbage
		{0, live, 0, 1},                          // none any more
		{0, live, large, 2},                      // memory that was garbage
		{0, live + large - 1, 0, 2},              // too little
		{idleAllocation, live + large, large, 2}, // not idle
		{idleAllocation - 1, live + large, large, 3},
		{0, live - large, 0, 3}, // fewer objects than at the last collection
	} {
		state = heapState{allocated: state.allocated + step.allocated, objects: step.objects, live: live, unused: step.unused}
		if c.look(); freed != step.want {
			t.Errorf("step %d: freed %d times, want %d", i, freed, step.want)
		}
	}
}

// TestReadHeap checks the figures of this process: garbage is no longer counted after it was freed.
func TestReadHeap(t *testing.T) {
	const size = 64 << 20
	before := readHeap()
	garbage := make([]byte, size)
	during := readHeap()
	goruntime.KeepAlive(garbage)
	freeHeap()
	after := readHeap()
	if during.allocated < before.allocated+size || during.objects < size || after.objects+after.unused > during.objects-size/2 || after.live == 0 {
		t.Errorf("before %+v, with garbage %+v, after %+v", before, during, after)
	}
}
