package pool

import "container/list"

// Owner is the client for which a call waits: an account or an address.
type Owner struct {
	Key string // the calls of one key share a lane; "" is a lane whose part of the queue is not limited
	// Weight is the share of the permits that the owner gets while others wait, compared with
	// theirs. If it is less than 1, it is 1.
	Weight int
}

// lane has the calls of one owner. Its fields are guarded by Queue.mu.
type lane struct {
	key     string
	weight  int
	running int       // permits in use
	waiters list.List // of chan error, oldest first
	turns   float64   // permits that the lane has had, divided by its weight
	place   *list.Element
}

// share returns the number of calls of the owner that may wait: half of the queue for the weight 1,
// two thirds for 2, and so on, but at least one call.
func (l *lane) share(maxWaiting int) int {
	if l.key == "" {
		return maxWaiting
	}
	return min(maxWaiting, max(1, maxWaiting*l.weight/(l.weight+1)))
}

// precedes reports whether l is to be served before other: it has fewer permits for its weight, or
// as many, but has had fewer in the past.
func (l *lane) precedes(other *lane) bool {
	if a, b := l.running*other.weight, other.running*l.weight; a != b {
		return a < b
	}
	return l.turns < other.turns
}

// lanes has the lanes with calls. Its methods must be called with Queue.mu held.
type lanes struct {
	all   map[string]*lane
	order list.List // of *lane; the one whose first call arrived first is the first
	turns float64   // of the lane that was served last
}

// of returns the lane of an owner. A new lane starts with the turns of the last served one, so that
// an owner that was idle cannot save up turns.
func (s *lanes) of(o Owner) *lane {
	l := s.all[o.Key]
	if l == nil {
		l = &lane{key: o.Key, turns: s.turns}
		l.place = s.order.PushBack(l)
		s.all[o.Key] = l
	}
	l.weight = max(o.Weight, 1)
	return l
}

// next returns the eligible lane with the next waiting call, or nil if there is none.
func (s *lanes) next(eligible func(*lane) bool) (next *lane) {
	for e := s.order.Front(); e != nil; e = e.Next() {
		if l := e.Value.(*lane); l.waiters.Len() > 0 && (next == nil || l.precedes(next)) && eligible(l) {
			next = l
		}
	}
	return next
}

// grant counts a permit of a lane.
func (s *lanes) grant(l *lane) {
	l.running++
	s.turns = max(s.turns, l.turns)
	l.turns += 1 / float64(l.weight)
}

// leave removes a lane without calls.
func (s *lanes) leave(l *lane) {
	if l.running == 0 && l.waiters.Len() == 0 {
		s.order.Remove(l.place)
		delete(s.all, l.key)
	}
}
