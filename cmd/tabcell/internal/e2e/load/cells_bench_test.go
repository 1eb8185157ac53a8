package load

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// BenchmarkCells prints what a cell costs, as ratios of things measured side by side in this run: `task bench:cells`. Nothing here is
// asserted: machines are shared and noisy.
func BenchmarkCells(b *testing.B) {
	for b.Loop() {
		cold, e := timedStart(b, b.TempDir())
		cycleOfATinyScript(b, e)
		throughput(b, e)
		stopLatency(b, e)
		memoryOfCells(b)
		starts(b, cold)
	}
}

const tiny = `{"script": "return int(1)", "data": {"_arg1": [4]}}`

// timedStart is the time from nothing to the first answer, with compiled code kept in dir.
func timedStart(b *testing.B, dir string) (time.Duration, *runtime.Engine) {
	begun := time.Now()
	guest, err := assets.Core()
	if err != nil {
		b.Fatal(err)
	}
	e, err := runtime.New(b.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: dir})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	evaluate(b, e, tiny)
	return time.Since(begun), e
}

func evaluate(b *testing.B, e *runtime.Engine, body string) runtime.Result {
	r, err := e.Evaluate(context.Background(), runtime.Call{Body: []byte(body)})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func cycleOfATinyScript(b *testing.B, e *runtime.Engine) {
	var cell, run, release []time.Duration
	for range 200 { // the hot pages of the slot
		evaluate(b, e, tiny)
	}
	settle(e)
	before := e.Stats()
	for range 3000 {
		start := e.Stats().ResetTime
		r := evaluate(b, e, tiny)
		settle(e)
		cell, run, release = append(cell, r.Timing.Cell), append(run, r.Timing.Run+r.Timing.Copy), append(release, e.Stats().ResetTime-start)
	}
	after := e.Stats()
	acquire, inside, back := harness.Median(cell), harness.Median(run), harness.Median(release)
	fmt.Printf("\ntiny script, one caller: acquire %.0f us, run %.0f us, release %.0f us (p99 %.0f), %d pages put back\n",
		harness.Microseconds(acquire), harness.Microseconds(inside), harness.Microseconds(back), harness.Microseconds(release[len(release)*99/100]), (after.Pages-before.Pages)/(after.Calls-before.Calls))
	fmt.Printf("  acquire + release is %.2f of the cycle\n", float64(acquire+back)/float64(acquire+inside+back))
}

func settle(e *runtime.Engine) {
	for e.Stats().Running > 0 {
		time.Sleep(50 * time.Microsecond)
	}
}

func throughput(b *testing.B, e *runtime.Engine) {
	rates := map[int][]float64{}
	for range 3 {
		for _, callers := range []int{1, 2} {
			rates[callers] = append(rates[callers], callsPerSecond(b, e, callers, 2*time.Second))
		}
	}
	one, two := harness.Median(rates[1]), harness.Median(rates[2])
	fmt.Printf("tiny script, calls/s: 1 caller %.0f, 2 callers %.0f, ratio %.2f\n", one, two, two/one)
}

func callsPerSecond(b *testing.B, e *runtime.Engine, callers int, d time.Duration) float64 {
	var group sync.WaitGroup
	counts := make([]int, callers)
	begun := time.Now()
	for i := range callers {
		group.Go(func() {
			for ; time.Since(begun) < d; counts[i]++ {
				evaluate(b, e, tiny)
			}
		})
	}
	group.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(begun).Seconds()
}

// stopLatency is the time from the caller's going away to the return of Evaluate.
func stopLatency(b *testing.B, e *runtime.Engine) {
	for _, script := range []string{"while True: pass", "sum(range(10**12))", "sorted(range(10**7), key=lambda x: -x)", "7**(10**8)", "'a' * 10**8 * 10**8"} {
		var late []time.Duration
		for range 40 {
			ctx, cancel := context.WithCancel(b.Context())
			var gone time.Time
			timer := time.AfterFunc(20*time.Millisecond, func() { gone = time.Now(); cancel() })
			_, err := e.Evaluate(ctx, runtime.Call{Body: []byte(`{"script": ` + strconv.Quote(script) + `, "data": {}}`)})
			if timer.Stop() || !errors.Is(err, context.Canceled) {
				continue // it ended by itself
			}
			late = append(late, time.Since(gone))
		}
		if len(late) == 0 {
			fmt.Printf("cancel: %s ended by itself\n", script)
			continue
		}
		p50 := harness.Median(late)
		fmt.Printf("cancel to return: p50 %.0f us, worst of %d %.0f us: %s\n", harness.Microseconds(p50), len(late), harness.Microseconds(late[len(late)-1]), script)
	}
}

// starts compares a first start with one that finds compiled code.
func starts(b *testing.B, cold time.Duration) {
	dir := b.TempDir()
	timedStart(b, dir)
	var warm []time.Duration
	for range 3 {
		d, _ := timedStart(b, dir)
		warm = append(warm, d)
	}
	fmt.Printf("start to first answer: cold %.1f s, warm %.2f s, ratio %.3f\n", cold.Seconds(), harness.Median(warm).Seconds(), harness.Median(warm).Seconds()/cold.Seconds())
}
