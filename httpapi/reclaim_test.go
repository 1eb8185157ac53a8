package httpapi

import (
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
