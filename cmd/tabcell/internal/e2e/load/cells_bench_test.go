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
	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// BenchmarkCells prints the costs of a cell, as ratios of figures from the same run (task
// bench:cells). It asserts nothing, because machines are shared and noisy.
func BenchmarkCells(b *testing.B) {
	for b.Loop() {
		cold, e := timedStart(b, assets.Core, b.TempDir())
		benchCycle(b, e)
		benchThroughput(b, e)
		benchCancelLatency(b, e)
		benchCellMemory(b)
		benchStarts(b, cold)
	}
}

// tinyRequest is the body of a request whose script costs as little as possible.
const tinyRequest = `{"script": "return int(1)", "data": {"_arg1": [4]}}`

// timedStart starts an engine that keeps its compiled code and image in dir, and returns the time
// until its first response.
func timedStart(b *testing.B, load func() (assets.Guest, error), dir string) (time.Duration, *runtime.Engine) {
	start := time.Now()
	guest, err := load()
	if err != nil {
		b.Fatal(err)
	}
	e, err := runtime.New(b.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: dir, Program: buildinfo.Program})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	evaluate(b, e, tinyRequest)
	return time.Since(start), e
}

func evaluate(b *testing.B, e *runtime.Engine, body string) runtime.Result {
	r, err := e.Evaluate(context.Background(), runtime.Call{Body: []byte(body)})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// benchCycle prints the phases of a tiny script with one caller: acquiring a cell, running the
// script and releasing the cell.
func benchCycle(b *testing.B, e *runtime.Engine) {
	var cell, run, release []time.Duration
	for range 200 { // until the slot knows the pages that are written most often
		evaluate(b, e, tinyRequest)
	}
	waitIdle(e)
	before := e.Stats()
	for range 3000 {
		start := e.Stats().ResetTime
		r := evaluate(b, e, tinyRequest)
		waitIdle(e)
		cell, run, release = append(cell, r.Timing.Cell), append(run, r.Timing.Run+r.Timing.Copy), append(release, e.Stats().ResetTime-start)
	}
	after := e.Stats()
	acquire, runTime, reset := harness.Median(cell), harness.Median(run), harness.Median(release)
	fmt.Printf("\ntiny script, one caller: acquire %.0f us, run %.0f us, release %.0f us (p99 %.0f), %d pages reset\n",
		harness.Microseconds(acquire), harness.Microseconds(runTime), harness.Microseconds(reset), harness.Microseconds(release[len(release)*99/100]), (after.Pages-before.Pages)/(after.Calls-before.Calls))
	fmt.Printf("  acquire + release is %.2f of the cycle\n", float64(acquire+reset)/float64(acquire+runTime+reset))
}

// waitIdle waits until the cells of all calls have been reset.
func waitIdle(e *runtime.Engine) {
	for e.Stats().Running > 0 {
		time.Sleep(50 * time.Microsecond)
	}
}

// benchThroughput prints the calls per second of one caller and of two.
func benchThroughput(b *testing.B, e *runtime.Engine) {
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
	start := time.Now()
	for i := range callers {
		group.Go(func() {
			for ; time.Since(start) < d; counts[i]++ {
				evaluate(b, e, tinyRequest)
			}
		})
	}
	group.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(start).Seconds()
}

// benchCancelLatency prints the time from the cancellation of a call to the return of Evaluate.
func benchCancelLatency(b *testing.B, e *runtime.Engine) {
	for _, script := range []string{"while True: pass", "sum(range(10**12))", "sorted(range(10**7), key=lambda x: -x)", "7**(10**8)", "'a' * 10**8 * 10**8"} {
		var latencies []time.Duration
		for range 40 {
			ctx, cancel := context.WithCancel(b.Context())
			var cancelled time.Time
			timer := time.AfterFunc(20*time.Millisecond, func() { cancelled = time.Now(); cancel() })
			_, err := e.Evaluate(ctx, runtime.Call{Body: []byte(`{"script": ` + strconv.Quote(script) + `, "data": {}}`)})
			if timer.Stop() || !errors.Is(err, context.Canceled) {
				continue // the script ended before it was cancelled
			}
			latencies = append(latencies, time.Since(cancelled))
		}
		if len(latencies) == 0 {
			fmt.Printf("cancel: %s always ended before it was cancelled\n", script)
			continue
		}
		p50 := harness.Median(latencies)
		fmt.Printf("cancel to return: p50 %.0f us, worst of %d %.0f us: %s\n", harness.Microseconds(p50), len(latencies), harness.Microseconds(latencies[len(latencies)-1]), script)
	}
}

// benchStarts compares a cold start with starts that find compiled code.
func benchStarts(b *testing.B, cold time.Duration) {
	dir := b.TempDir()
	timedStart(b, assets.Core, dir)
	var warm []time.Duration
	for range 3 {
		d, _ := timedStart(b, assets.Core, dir)
		warm = append(warm, d)
	}
	fmt.Printf("start to first response: cold %.1f s, warm %.2f s, ratio %.3f\n", cold.Seconds(), harness.Median(warm).Seconds(), harness.Median(warm).Seconds()/cold.Seconds())
}
