package guest

import (
	"context"
	goruntime "runtime"
	"testing"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// What a request costs is counted here, and never timed: the counts are the same on every machine, and a change that makes them grow is seen.

// cost is what one request of a kind takes.
type cost struct {
	fuel    float64 // loop headers and function entries that the guest passes
	pages   float64 // 4 KiB pages that it writes
	copied  float64 // bytes in and out
	allocs  float64 // the host's objects; two instances are made, since the shared engine verifies its cells with one more
	garbage float64 // the host's bytes
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

// TestCosts: no count may be more than half as much again as what is written down. One that has become less than half of it is a gain to be
// written down, so that the next doubling is seen as well.
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
					t.Log("this host cannot tell which pages were written")
				} else if part.got > 1.5*part.want {
					t.Errorf("%s: %.0f, where %.0f are expected", part.name, part.got, part.want)
				} else if part.got < part.want/2 {
					t.Errorf("%s: %.0f, less than half of the %.0f written down: write the new count down", part.name, part.got, part.want)
				}
			}
		})
	}
}

func costOf(t *testing.T, e *runtime.Engine, body []byte) cost {
	const runs = 5
	var trace runtime.Trace
	for range 8 { // the slot's first pages, the stage's stack, the script's code, which is kept the second time
		trace = counted(t, e, body)
	}
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	allocs := testing.AllocsPerRun(runs, func() { counted(t, e, body) })
	goruntime.ReadMemStats(&after)
	return cost{
		fuel: float64(trace.Fuel), pages: float64(trace.Pages), copied: float64(trace.In + trace.Out),
		allocs: allocs, garbage: float64(after.TotalAlloc-before.TotalAlloc) / (runs + 1), // one to warm up
	}
}

// counted runs a request to the end of its cell.
func counted(t testing.TB, e *runtime.Engine, body []byte) runtime.Trace {
	told := make(chan runtime.Trace, 1)
	if _, err := e.Evaluate(context.Background(), runtime.Call{Body: body, Trace: func(trace runtime.Trace) { told <- trace }}); err != nil {
		t.Fatal(err)
	}
	return <-told
}
