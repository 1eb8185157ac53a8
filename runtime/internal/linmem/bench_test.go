package linmem

import (
	"maps"
	"slices"
	"testing"
	"time"
)

const (
	benchSize  = 40 << 20
	benchDirty = 123 // OS pages that a very small script writes to
)

// BenchmarkReset measures all methods in turn within one run, so that their ratios do not depend on
// the load of the machine. It measures the reset alone, and the cycle of writing to pages and
// resetting them, which includes the faults. Finding private pages takes longer if more of the
// image has been read, so there are two cases: a run that reads only the pages that it writes, and
// one that reads all pages.
func BenchmarkReset(b *testing.B) {
	for name, step := range map[string]int{"read-little": benchSize, "read-all": 4096} {
		b.Run(name, func(b *testing.B) { benchMethods(b, step) })
	}
}

func benchMethods(b *testing.B, step int) {
	names := slices.Sorted(maps.Keys(storeKinds))
	slots := make([]*Slot, len(names))
	cycle, alone := make([]time.Duration, len(names)), make([]time.Duration, len(names))
	for i, name := range names {
		_, slots[i] = newPair(b, benchSize, benchSize, storeKinds[name])
	}
	for b.Loop() {
		for i, s := range slots {
			c, a := benchCycle(b, s, step)
			cycle[i] += c
			alone[i] += a
		}
	}
	for i, name := range names {
		b.ReportMetric(float64(cycle[i])/float64(cycle[0]), name+"-cycle/copy")
		b.ReportMetric(float64(alone[i])/float64(alone[0]), name+"-reset/copy")
		b.ReportMetric(float64(cycle[i].Nanoseconds())/1000/float64(b.N), name+"-us/cycle")
	}
}

// benchCycle reads one byte in every step bytes, which is not measured, and then writes and resets.
func benchCycle(b *testing.B, s *Slot, step int) (cycle, alone time.Duration) {
	mem := start(b, s.NewLease(benchSize), benchSize)
	for p := 0; p < len(mem); p += step {
		benchSum += mem[p]
	}
	started := time.Now()
	for p := range benchDirty {
		page := p / 3 * 250 * 4096 // runs of three pages, spread over the image
		mem[page+p%3*4096+p]++
	}
	written := time.Now()
	resetSlot(b, s)
	return time.Since(started), time.Since(written)
}

// benchSum keeps the compiler from removing the reads.
var benchSum byte
