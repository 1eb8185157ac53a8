package harness

import (
	"slices"
	"time"
)

// Median returns the middle one of values, which must not be empty. It sorts values.
func Median[T time.Duration | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// Microseconds returns d in microseconds.
func Microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
