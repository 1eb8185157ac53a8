package runtime

import (
	"errors"
	"testing"
	"time"

	"tabcell/runtime/internal/guest"
)

// evaluateTraced evaluates a body and waits for the trace of its cell.
func evaluateTraced(t *testing.T, e *Engine, body string) (Result, Trace) {
	t.Helper()
	traces := make(chan Trace, 1)
	r, err := e.Evaluate(t.Context(), Call{Body: []byte(body), Trace: func(trace Trace) { traces <- trace }})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case trace := <-traces:
		return r, trace
	case <-time.After(time.Minute):
		t.Fatal("Trace was not called within 10 s")
	}
	return r, Trace{}
}

func TestTrace(t *testing.T) {
	e := newEngine(t, nil)
	r, trace := evaluateTraced(t, e, "ehello")
	if r.Timing != trace.Timing || trace.In != 6 || trace.Out != 5 {
		t.Errorf("timing %+v of the result, trace %+v", r.Timing, trace)
	}
	for name, d := range map[string]time.Duration{"queue": trace.Queue, "cell": trace.Cell, "parse": trace.Parse, "serialise": trace.Serialize,
		"copy in": trace.CopyIn, "copy out": trace.Copy - trace.CopyIn, "script": trace.Run - trace.Parse - trace.Serialize, "reset": trace.Reset} {
		if d <= 0 {
			t.Errorf("%s took %v in %+v", name, d, trace)
		}
	}
	s := e.Stats()
	if s.Copied != 11 || s.Fuel != trace.Fuel || trace.Fuel == 0 || s.Pages != uint64(trace.Pages) {
		t.Errorf("stats %+v, trace %+v", s, trace)
	}
}

// TestTraceIsReproducible checks that fuel and pages of a script are the same in each call.
func TestTraceIsReproducible(t *testing.T) {
	e := newEngine(t, nil)
	evaluateTraced(t, e, "d") // from now on, the slot has a page map
	_, clean := evaluateTraced(t, e, "c")
	_, dirty := evaluateTraced(t, e, "d")
	if again := second(evaluateTraced(t, e, "d")); again.Fuel != dirty.Fuel || again.Pages != dirty.Pages {
		t.Errorf("trace %+v, in the second call %+v", dirty, again)
	}
	if dirty.Pages < clean.Pages+64 || dirty.Fuel <= clean.Fuel {
		t.Errorf("trace %+v without written pages, %+v with 64", clean, dirty)
	}
	started := e.Stats().Fuel
	for _, body := range []string{"l", "i"} {
		limit := 20 * time.Millisecond
		trace := traceOfLoop(t, e, body, limit)
		for ; trace.Fuel < 10*fuel && limit < 10*time.Second; trace = traceOfLoop(t, e, body, limit) {
			limit *= 2 // a busy machine may not have begun the loop
		}
		if trace.Fuel < 10*fuel || trace.Run < limit-trace.Queue-trace.Cell {
			t.Errorf("trace of a loop of %v: %+v", limit, trace)
		}
	}
	if e.Stats().Fuel < started+20*fuel {
		t.Error("the fuel of calls that exceeded their deadline was not counted")
	}
}

// traceOfLoop returns the trace of an endless script with a time limit.
func traceOfLoop(t *testing.T, e *Engine, body string, limit time.Duration) Trace {
	t.Helper()
	traces := make(chan Trace, 1)
	call := Call{Body: []byte(body), Limits: Limits{Timeout: limit}, Trace: func(trace Trace) { traces <- trace }}
	if _, err := e.Evaluate(t.Context(), call); !errors.Is(err, ErrTimeout) {
		t.Fatalf("%s: error %v, want %v", body, err, ErrTimeout)
	}
	return <-traces
}

func second[A, B any](_ A, b B) B { return b }

// TestTraceMarks checks the parts of a call without marks, and of one with two marks of each kind:
// the first mark ends the parsing, and the last one begins the reply.
func TestTraceMarks(t *testing.T) {
	c := &call{entered: time.Now().Add(-time.Second)}
	c.finishTrace(fuel)
	if c.trace.Parse != 0 || c.trace.Serialize != 0 || c.trace.Fuel != 0 || c.trace.Run < time.Second {
		t.Errorf("trace %+v", c.trace)
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
		t.Errorf("trace %+v", c.trace)
	}
}

// TestAllocations bounds the allocations of the host for one call: the instance, the context and
// the permit.
func TestAllocations(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Verify, c.Concurrency = false, 1 })
	traces := make(chan Trace, 1)
	call := Call{Body: []byte("ehello"), Trace: func(trace Trace) { traces <- trace }}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := e.Evaluate(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		<-traces
	})
	t.Log(allocs)
	if limit := 65.0; allocs > limit {
		t.Errorf("%.0f allocations per call, want at most %.0f", allocs, limit)
	}
}
