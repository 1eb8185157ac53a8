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
func (r *callStats) add(run time.Duration, failed bool, now time.Time) {
	if failed {
		r.failures++
	}
	r.durations[r.calls%maxRecentCalls] = run
	r.calls++
	r.last = now
}

// medianAndMax returns the median and the maximum duration of the recent calls, or zeros if there
// were none.
func (r callStats) medianAndMax() (median, maximum time.Duration) {
	runs := r.durations[:min(r.calls, maxRecentCalls)]
	if len(runs) == 0 {
		return 0, 0
	}
	slices.Sort(runs)
	return runs[len(runs)/2], runs[len(runs)-1]
}
