package guest

import (
	"context"
	goruntime "runtime"
	"testing"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// The cost of requests is counted and not measured in time, because counts are the same on every
// machine, so that a change which increases them is noticed.

// cost is the cost of one request.
type cost struct {
	fuel    float64 // loop headers and function entries that the guest passes
	pages   float64 // 4 KiB pages that the guest writes
	copied  float64 // bytes copied in and out
	allocs  float64 // objects allocated by the host for two instances, one of which verifies the cell
	garbage float64 // bytes allocated by the host
}

var costs = []struct {
	name string
	body func() []byte
	cost
}{
	{"tiny", bench.ScriptBody("return int(1)", bench.Column(4)), cost{4.0e3, 47, 284, 97, 19.5e3}},
	{"1 000 rows", bench.AdditionBody(1000), cost{50e3, 92, 27.8e3, 97, 31.8e3}},
	{"100 000 rows", bench.AdditionBody(100_000), cost{4.5e6, 2277, 2.73e6, 98, 1.84e6}},
	{"20 columns x 10 000 rows", bench.TableBody(20, 10_000), cost{21.6e6, 2904, 3.47e6, 99, 4.9e6}},
}

// TestCosts compares the costs with the recorded ones. A count may exceed the recorded one by half.
// A count below half of the recorded one is an error too: record the improvement, so that the test
// notices when it is lost.
func TestCosts(t *testing.T) {
	e := harness.Core(t)
	for _, c := range costs {
		t.Run(c.name, func(t *testing.T) {
			body := c.body()
			got := costOf(t, e, body)
			t.Logf("%+v", got)
			for _, part := range []struct {
				name      string
				got, want float64
			}{
				{"fuel", got.fuel, c.fuel}, {"pages", got.pages, c.pages}, {"bytes copied", got.copied, c.copied},
				{"allocations", got.allocs, c.allocs}, {"bytes of garbage", got.garbage, c.garbage},
			} {
				if part.name == "pages" && got.pages > 10_000 {
					t.Log("this host cannot determine which pages were written")
				} else if part.got > 1.5*part.want {
					t.Errorf("%s: %.0f, more than 1.5 times the recorded %.0f", part.name, part.got, part.want)
				} else if part.got < part.want/2 {
					t.Errorf("%s: %.0f, less than half of the recorded %.0f; record the new count", part.name, part.got, part.want)
				}
			}
		})
	}
}

// costOf returns the cost of a request after warm-up.
func costOf(t *testing.T, e *runtime.Engine, body []byte) cost {
	const runs = 5
	var trace runtime.Trace
	for range 8 { // warms up the slot's pages, the stack of the call, and the cache of the script's code
		trace = traceOf(t, e, body)
	}
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	allocs := testing.AllocsPerRun(runs, func() { traceOf(t, e, body) })
	goruntime.ReadMemStats(&after)
	return cost{
		fuel: float64(trace.Fuel), pages: float64(trace.Pages), copied: float64(trace.In + trace.Out),
		allocs: allocs, garbage: float64(after.TotalAlloc-before.TotalAlloc) / (runs + 1), // AllocsPerRun adds a run to warm up
	}
}

// traceOf runs a request and returns its trace, which is complete when the cell has been reset.
func traceOf(t testing.TB, e *runtime.Engine, body []byte) runtime.Trace {
	traces := make(chan runtime.Trace, 1)
	call := runtime.Call{Body: body, Trace: func(trace runtime.Trace) { traces <- trace }}
	if _, err := e.Evaluate(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	return <-traces
}
