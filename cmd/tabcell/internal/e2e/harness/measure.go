package harness

import (
	"slices"
	"time"
)

func Median[T time.Duration | float64](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

func Microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
