package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

// BenchmarkChange measures changes in a cluster of three nodes in this process, with the timeouts of
// a server and real flushes to the disk. The median and the 99th percentile are in milliseconds.
func BenchmarkChange(b *testing.B) {
	c := newClusterWith(b, 3, defaultTiming)
	for name, n := range map[string]*testNode{"leader": c.waitLeader(), "follower": c.follower()} {
		c.deploy(n, name, "code")
		b.Run("deploy/"+name, func(b *testing.B) {
			measure(b, func(i int) error {
				_, err := as(n).Deploy(source(name, fmt.Sprint("code ", i, b.N)))
				return err
			})
		})
		b.Run("metadata/"+name, func(b *testing.B) {
			measure(b, func(i int) error {
				_, err := as(n).UpdateMetadata(name, func(m *registry.Metadata) { m.Description = fmt.Sprint(i) })
				return err
			})
		})
	}
}

// measure calls change b.N times and reports how long the calls took.
func measure(b *testing.B, change func(i int) error) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if err := change(i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	for name, percent := range map[string]int{"p50-ms": 50, "p99-ms": 99} {
		b.ReportMetric(float64(took[(len(took)-1)*percent/100].Microseconds())/1000, name)
	}
}

// BenchmarkIdle measures the processor time of three idle nodes in this process, in milliseconds per
// second.
func BenchmarkIdle(b *testing.B) {
	c := newClusterWith(b, 3, defaultTiming)
	c.deploy(c.waitLeader(), "m", "code")
	before, start := processorTime(b), time.Now()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/time.Since(start).Seconds(), "cpu-ms/s")
}
