package linmem

import (
	"maps"
	"slices"
	"testing"
	"time"
)

const (
	benchSize  = 40 << 20
	benchDirty = 123 // OS pages that a tiny script writes to
)

// BenchmarkRestore measures all methods in one run, in turn, so that their ratios hold whatever else the machine does: the
// restore alone, and the cycle of writing to the pages and restoring them, where the faults show. Finding private pages costs
// more the more of the image was read, so that both ends are measured: a run that reads what it writes, and one that reads all.
func BenchmarkRestore(b *testing.B) {
	for name, step := range map[string]int{"read-little": benchSize, "read-all": 4096} {
		b.Run(name, func(b *testing.B) { benchMethods(b, step) })
	}
}

func benchMethods(b *testing.B, step int) {
	names := slices.Sorted(maps.Keys(kinds))
	slots := make([]*Slot, len(names))
	cycle, alone := make([]time.Duration, len(names)), make([]time.Duration, len(names))
	for i, name := range names {
		_, slots[i] = newPair(b, benchSize, benchSize, kinds[name])
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
		b.ReportMetric(float64(alone[i])/float64(alone[0]), name+"-restore/copy")
		b.ReportMetric(float64(cycle[i].Nanoseconds())/1000/float64(b.N), name+"-us/cycle")
	}
}

// benchCycle reads one byte each step, which is not measured, then writes and restores.
func benchCycle(b *testing.B, s *Slot, step int) (cycle, alone time.Duration) {
	mem := start(b, s.NewLease(benchSize), benchSize)
	for p := 0; p < len(mem); p += step {
		benchSum += mem[p]
	}
	begin := time.Now()
	for p := range benchDirty {
		page := p / 3 * 250 * 4096 // runs of three pages, spread over the image
		mem[page+p%3*4096+p]++
	}
	written := time.Now()
	restore(b, s)
	return time.Since(begin), time.Since(written)
}

// benchSum keeps the reads alive.
var benchSum byte
