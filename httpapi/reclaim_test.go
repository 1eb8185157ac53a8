package httpapi

import (
	"sync"
	"testing"
	"time"
)

// However often large bodies are released, one return of the memory is scheduled at a time.
func TestReclaimer(t *testing.T) {
	var scheduled []func()
	freed := 0
	b := newBudget(1 << 30)
	b.reclaimer.free = func() { freed++ }
	b.reclaimer.after = func(_ time.Duration, run func()) *time.Timer {
		scheduled = append(scheduled, run)
		return nil
	}
	use := func(n int64) {
		l := b.take("a", n)
		l.release(n)
	}
	for range 1000 {
		use(smallRequest) // the reserve is small, and its memory is needed again soon
	}
	use(reclaimBytes - 1)
	if len(scheduled) != 0 {
		t.Fatal("a return was scheduled for few bytes")
	}
	for range 3 {
		use(reclaimBytes)
	}
	if len(scheduled) != 1 || freed != 0 {
		t.Fatalf("%d returns were scheduled, want 1; %d were made", len(scheduled), freed)
	}
	scheduled[0]()
	use(reclaimBytes - 1)
	if len(scheduled) != 1 || freed != 1 {
		t.Fatalf("%d returns were scheduled after the first, %d were made", len(scheduled), freed)
	}
	use(1 << 20)
	if len(scheduled) != 2 {
		t.Fatal("no further return was scheduled")
	}
}

// TestReleasedMemory checks that memory of other parts counts like that of bodies.
func TestReleasedMemory(t *testing.T) {
	scheduled := 0
	a := &API{budget: newBudget(1 << 30)}
	a.budget.reclaimer.after = func(time.Duration, func()) *time.Timer { scheduled++; return nil }
	a.ReleasedMemory(reclaimBytes - 1)
	if scheduled != 0 {
		t.Error("a return was scheduled for few bytes")
	}
	if a.ReleasedMemory(1); scheduled != 1 {
		t.Error("no return was scheduled")
	}
}

// TestFreeMemoryEmptiesPools checks that buffers of a sync.Pool are returned, which takes two
// collections.
func TestFreeMemoryEmptiesPools(t *testing.T) {
	var pool sync.Pool
	pool.Put(new([1 << 20]byte))
	if freeMemory(); pool.Get() != nil {
		t.Error("the buffer is still in the pool")
	}
}
