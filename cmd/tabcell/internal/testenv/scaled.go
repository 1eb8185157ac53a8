package testenv

import (
	goruntime "runtime"
	"sync"
	"time"
)

// Scaled returns a time limit for a test: d, multiplied by the slowness of this machine in this
// run. A limit then means the same amount of work on an idle machine and on a busy one.
//
// The slowness is measured once for each test process, and the load may grow afterwards. So d
// should be ten times the duration of the work on an idle machine. A result that must not come at
// all, such as that of an endless loop, needs no scaled limit.
func Scaled(d time.Duration) time.Duration { return time.Duration(float64(d) * slowness()) }

// maxSlowness bounds the result of slowness, so that a test which waits for something that never
// happens still ends.
const maxSlowness = 60

// slowness returns how many times longer this process takes for a fixed piece of work than a
// processor of its own at 3 GHz, from 1 to maxSlowness.
var slowness = sync.OnceValue(func() float64 {
	const nominal = 100 * time.Millisecond
	begin := time.Now()
	var group sync.WaitGroup
	for range goruntime.NumCPU() { // the programs under test use all processors
		group.Go(calibrationWork)
	}
	group.Wait()
	return bounded(float64(time.Since(begin)) / float64(nominal))
})

// calibrationWork computes for about 100 ms at 3 GHz: 50 million steps of xorshift, each of which
// has six operations that depend on one another.
func calibrationWork() {
	x := uint64(1)
	for range 50_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	goruntime.KeepAlive(x)
}

// bounded returns the value from 1 to maxSlowness that is nearest to slowness.
func bounded(slowness float64) float64 { return min(max(slowness, 1), maxSlowness) }
