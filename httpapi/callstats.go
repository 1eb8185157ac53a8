package httpapi

import (
	"slices"
	"time"
)

// mostRecent is how many of a model's last calls are remembered.
const maxRecentCalls = 64

// recent remembers how a model's last calls went. It is a value: copies are independent.
type callStats struct {
	calls, failures uint64 // since the version is served by this process
	durations       [maxRecentCalls]time.Duration
	last            time.Time
}

// add notes a call that took so long inside its cell.
func (r *callStats) add(run time.Duration, failed bool, now time.Time) {
	if failed {
		r.failures++
	}
	r.durations[r.calls%maxRecentCalls] = run
	r.calls++
	r.last = now
}

// spread are the median and the longest of the last calls; zero when there were none.
func (r callStats) medianAndMax() (median, longest time.Duration) {
	runs := r.durations[:min(r.calls, maxRecentCalls)]
	if len(runs) == 0 {
		return 0, 0
	}
	slices.Sort(runs)
	return runs[len(runs)/2], runs[len(runs)-1]
}
