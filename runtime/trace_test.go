package runtime

import (
	"testing"
	"time"

	"tabcell/runtime/internal/guest"
)

// traced runs a body and waits for what becomes known of its cell once that is clean again.
func traced(t *testing.T, e *Engine, body string) (Result, Trace) {
	t.Helper()
	told := make(chan Trace, 1)
	r, err := e.Evaluate(t.Context(), Call{Body: []byte(body), Trace: func(trace Trace) { told <- trace }})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case trace := <-told:
		return r, trace
	case <-time.After(10 * time.Second):
		t.Fatal("no trace")
	}
	return r, Trace{}
}

func TestTrace(t *testing.T) {
	e := newEngine(t, nil)
	r, trace := traced(t, e, "ehello")
	if r.Timing != trace.Timing || trace.In != 6 || trace.Out != 5 {
		t.Errorf("%+v, %+v", r.Timing, trace)
	}
	for name, d := range map[string]time.Duration{"queue": trace.Queue, "cell": trace.Cell, "parse": trace.Parse, "serialise": trace.Serialize,
		"copy in": trace.CopyIn, "copy out": trace.Copy - trace.CopyIn, "script": trace.Run - trace.Parse - trace.Serialize, "reset": trace.Reset} {
		if d <= 0 {
			t.Errorf("%s took %v: %+v", name, d, trace)
		}
	}
	s := e.Stats()
	if s.Copied != 11 || s.Fuel != trace.Fuel || trace.Fuel == 0 || s.Pages != uint64(trace.Pages) {
		t.Errorf("%+v, %+v", s, trace)
	}
}

// TestTraceCountsWork: what a cell costs is told in the same numbers each time, whatever the
// machine does meanwhile.
func TestTraceCountsWork(t *testing.T) {
	e := newEngine(t, nil)
	traced(t, e, "d") // the slot's pages are known from now on
	_, few := traced(t, e, "c")
	_, many := traced(t, e, "d")
	if again := second(traced(t, e, "d")); again.Fuel != many.Fuel || again.Pages != many.Pages {
		t.Errorf("%+v, and again %+v", many, again)
	}
	if many.Pages < few.Pages+64 || many.Fuel <= few.Fuel {
		t.Errorf("%+v without, %+v with 64 pages", few, many)
	}
	started := e.Stats().Fuel
	for _, body := range []string{"l", "i"} {
		told := make(chan Trace, 1)
		_, _ = e.Evaluate(t.Context(), Call{Body: []byte(body), Limits: Limits{Timeout: 20 * time.Millisecond}, Trace: func(trace Trace) { told <- trace }})
		if trace := <-told; trace.Fuel < 10*fuel || trace.Run < 20*time.Millisecond-trace.Queue-trace.Cell {
			t.Errorf("a loop of 20 ms: %+v", trace)
		}
	}
	if e.Stats().Fuel < started+20*fuel {
		t.Error("what ended at its deadline does not count")
	}
}

func second[A, B any](_ A, b B) B { return b }

// TestMarks: a guest that marks nothing has no parts, and one that marks twice has the first end of
// parsing and the last beginning of a reply.
func TestMarks(t *testing.T) {
	c := &call{entered: time.Now().Add(-time.Second)}
	c.finishTrace(fuel)
	if c.trace.Parse != 0 || c.trace.Serialize != 0 || c.trace.Fuel != 0 || c.trace.Run < time.Second {
		t.Errorf("%+v", c.trace)
	}
	c = &call{entered: time.Now().Add(-time.Second)}
	c.markParsed(16)
	parse := c.trace.Parse
	c.entered = c.entered.Add(-time.Second)
	replyBegin(c, guest.Memory{}, []uint64{0})
	c.markParsed(16)
	c.entered = c.entered.Add(-time.Second)
	replyBegin(c, guest.Memory{}, []uint64{0})
	c.finishTrace(fuel - 3)
	if c.trace.Parse != parse || parse < time.Second || c.trace.Serialize > time.Second || c.trace.Fuel != 3 {
		t.Errorf("%+v", c.trace)
	}
}

// TestAllocations: what a call costs the host's heap, whatever its guest: the instance, the
// context, the place.
func TestAllocations(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Verify, c.Concurrency = false, 1 })
	told := make(chan Trace, 1)
	call := Call{Body: []byte("ehello"), Trace: func(trace Trace) { told <- trace }}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := e.Evaluate(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		<-told
	})
	t.Log(allocs)
	if most := 65.0; allocs > most {
		t.Errorf("%.0f allocations a call, at most %.0f are expected", allocs, most)
	}
}
