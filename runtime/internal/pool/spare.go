package pool

import "time"

// One owner may use all permits. If its calls are long, others would then wait for seconds, so that
// one permit is spared for them while they are active: an owner whose calls are long gets the last
// free permit only if it has none of the others or no other owner has called recently.
const (
	longCall     = time.Second      // calls that hold a permit for longer are long
	longMemory   = time.Minute      // the time for which an owner with a long call counts as one with long calls
	activeMemory = 10 * time.Second // the time after its call for which an owner counts as active
	maxRecords   = 1024
)

// spare knows enough about recent calls for this decision. Its methods must be called with Queue.mu
// held.
type spare struct {
	callers [2]caller            // the two owners that called last, the last one first
	long    map[string]time.Time // end of the last long call by owner, zero if all were short; at most maxRecords
}

// caller is an owner and the time of its last call.
type caller struct {
	key string
	at  time.Time
}

// called records a call of an owner.
func (s *spare) called(key string, now time.Time) {
	if s.callers[0].key != key {
		s.callers[1] = s.callers[0]
	}
	s.callers[0] = caller{key, now}
}

// ended records the end of a call. If there are too many owners, all are forgotten: unknown owners
// have no permits to spare either.
func (s *spare) ended(key string, held time.Duration, now time.Time) {
	if _, known := s.long[key]; !known && len(s.long) >= maxRecords {
		clear(s.long)
	}
	if held > longCall {
		s.long[key] = now
	} else if _, known := s.long[key]; !known {
		s.long[key] = time.Time{}
	}
}

// othersActive reports whether another owner has called recently.
func (s *spare) othersActive(key string, now time.Time) bool {
	for _, c := range s.callers {
		if c.key != key && !c.at.IsZero() && now.Sub(c.at) < activeMemory {
			return true
		}
	}
	return false
}

// mayBeLong reports whether the owner's next call may be long: a recent one was, or none has ended
// yet.
func (s *spare) mayBeLong(key string, now time.Time) bool {
	last, known := s.long[key]
	return !known || now.Sub(last) < longMemory
}

// spares reports whether the last free permit is spared for other owners than that of the lane.
func (q *Queue) spares(l *lane, now time.Time) bool {
	return q.running == q.permits-1 && l.running == q.running && l.running > 0 && l.key != "" &&
		q.spare.othersActive(l.key, now) && q.spare.mayBeLong(l.key, now)
}
