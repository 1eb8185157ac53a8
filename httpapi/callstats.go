package httpapi

import (
	"slices"
	"time"
)

// maxRecentCalls is the number of calls whose durations are kept for each model.
const maxRecentCalls = 64

// callStats counts the calls of one version of a model. Copies are independent.
type callStats struct {
	calls, failures uint64 // since this process first served the version
	durations       [maxRecentCalls]time.Duration
	last            time.Time
}

// add records a call that ran for the given time inside its cell.
func (s *callStats) add(run time.Duration, failed bool, now time.Time) {
	if failed {
		s.failures++
	}
	s.durations[s.calls%maxRecentCalls] = run
	s.calls++
	s.last = now
}

// medianAndMax returns the median and the maximum duration of the recent calls, or zeros if there
// were none.
func (s callStats) medianAndMax() (median, maximum time.Duration) {
	durations := s.durations[:min(s.calls, maxRecentCalls)]
	if len(durations) == 0 {
		return 0, 0
	}
	slices.Sort(durations)
	return durations[len(durations)/2], durations[len(durations)-1]
}
