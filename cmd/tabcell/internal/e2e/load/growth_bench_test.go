package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// BenchmarkGrowth prints the cost of a request by its number of rows, and the cost of concurrent
// requests (task bench:growth). The cost of a row should be the same in each line of the first
// table, and the memory of a slot in each line of the second. It asserts nothing, because machines
// are shared and noisy.
func BenchmarkGrowth(b *testing.B) {
	for b.Loop() {
		e := growthEngine(b)
		fmt.Printf("\n%10s %9s %12s %10s %10s %10s %10s\n", "rows", "MB sent", "ms", "ns/row", "fuel/row", "MiB", "bytes/row")
		for rows := 100; rows <= 10_000_000; rows *= 10 {
			benchRows(b, e, rows)
		}
		fmt.Printf("\n%10s %12s %12s %8s %14s\n", "concurrent", "ms/request", "ms waited", "slots", "MiB/slot")
		for n := 1; n <= maxQueued; n *= 4 {
			benchConcurrent(b, n)
		}
	}
}

const maxQueued = 256

// growthEngine starts an engine with the largest possible memory limit and with limits of time and
// output that no request here reaches.
func growthEngine(b *testing.B) *runtime.Engine {
	guest, err := assets.Core()
	if err != nil {
		b.Fatal(err)
	}
	e, err := runtime.New(b.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Queue: maxQueued,
		Limits: runtime.Limits{Timeout: 10 * time.Minute, Memory: runtime.MaxMemory(), Output: 2 << 30}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	return e
}

// benchRows adds two columns of the given length three times and prints the figures of the fastest
// run.
func benchRows(b *testing.B, e *runtime.Engine, rows int) {
	body := bench.AdditionBody(rows)()
	check := bench.CheckAddition(rows)
	var best runtime.Trace
	for range 3 {
		traces := make(chan runtime.Trace, 1)
		r, err := e.Evaluate(b.Context(), runtime.Call{Body: body, Trace: func(t runtime.Trace) { traces <- t }})
		if errors.Is(err, runtime.ErrMemory) || isMemoryError(err) {
			fmt.Printf("%10d %9.1f refused: %v\n", rows, megabytes(len(body)), err)
			return
		}
		if err == nil {
			err = check(r.Body)
		}
		if err != nil {
			b.Fatal(err)
		}
		if t := <-traces; best.Run == 0 || cellTime(t) < cellTime(best) {
			best = t
		}
	}
	per := func(n float64) float64 { return n / float64(rows) }
	fmt.Printf("%10d %9.1f %12.2f %10.0f %10.1f %10.1f %10.0f\n", rows, megabytes(len(body)), bench.Milliseconds(cellTime(best)), per(float64(cellTime(best))),
		per(float64(best.Fuel)), float64(best.Pages)/256, per(float64(best.Pages)*4096))
}

// isMemoryError reports whether the script raised a MemoryError.
func isMemoryError(err error) bool {
	raised, ok := errors.AsType[*runtime.ScriptError](err)
	return ok && raised.Class == "MemoryError"
}

// cellTime returns the time that the cell was in use, which excludes the wait for a permit.
func cellTime(t runtime.Trace) time.Duration { return t.Cell + t.Run + t.Copy + t.Reset }

func megabytes(n int) float64 { return float64(n) / 1e6 }

// benchConcurrent sends n concurrent requests of 10 000 rows to a new engine, whose slots are new.
func benchConcurrent(b *testing.B, n int) {
	e := growthEngine(b)
	body := bench.AdditionBody(10_000)()
	idle := privateMemory()
	var group sync.WaitGroup
	var mu sync.Mutex
	var waited time.Duration // guarded by mu
	rounds := max(1, 64/n)
	start := time.Now()
	for range rounds {
		for range n {
			group.Go(func() {
				r, err := e.Evaluate(context.Background(), runtime.Call{Body: body})
				if err != nil {
					b.Error(err)
				}
				mu.Lock()
				waited += r.Timing.Queue
				mu.Unlock()
			})
		}
		group.Wait()
	}
	perRequest := time.Since(start) / time.Duration(n*rounds)
	waitIdle(e)
	slots := e.Stats().Slots
	fmt.Printf("%10d %12.2f %12.2f %8d %14.1f\n", n, bench.Milliseconds(perRequest), bench.Milliseconds(waited/time.Duration(n*rounds)), slots, (privateMemory()-idle)/float64(slots))
}
