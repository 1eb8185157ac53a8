package httpapi

import (
	"math"
	"slices"
	"time"
)

// maxRecentCalls is the number of calls whose durations are kept for each model: enough for the
// 99th percentile, and 1 KB.
const maxRecentCalls = 256

// callStats counts the calls of one version of a model. Copies are independent.
type callStats struct {
	calls, failures uint64                 // since this process first served the version
	durations       [maxRecentCalls]uint32 // in microseconds
	last            time.Time
}

// add records a call that ran for the given time inside its cell.
func (s *callStats) add(run time.Duration, failed bool, now time.Time) {
	if failed {
		s.failures++
	}
	s.durations[s.calls%maxRecentCalls] = uint32(min(max(run.Microseconds(), 0), math.MaxUint32))
	s.calls++
	s.last = now
}

// medianAndMax returns the median and the maximum duration of the recent calls, or zeros if there
// were none.
func (s callStats) medianAndMax() (median, maximum time.Duration) {
	durations := s.sorted()
	if len(durations) == 0 {
		return 0, 0
	}
	return inMicroseconds(durations[len(durations)/2]), inMicroseconds(durations[len(durations)-1])
}

// percentiles returns the durations of which 50 and 99 percent of the recent calls are not longer,
// or zeros if there were none.
func (s callStats) percentiles() (p50, p99 time.Duration) {
	durations := s.sorted()
	if len(durations) == 0 {
		return 0, 0
	}
	at := func(percent int) time.Duration { return inMicroseconds(durations[(len(durations)*percent+99)/100-1]) }
	return at(50), at(99)
}

// sorted returns the durations of the recent calls.
func (s callStats) sorted() []uint32 {
	durations := s.durations[:min(s.calls, maxRecentCalls)] // s is a copy
	slices.Sort(durations)
	return durations
}

func inMicroseconds(n uint32) time.Duration { return time.Duration(n) * time.Microsecond }
