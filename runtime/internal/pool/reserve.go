package pool

// AddReserve adds a permit that only serves an owner without one, while another owner has all others.
// An owner that was not active when a flood of long calls began would otherwise wait for the end of
// one of them. AddReserve must be called before the first Acquire.
func (q *Queue) AddReserve() { q.reserve = true }

// needsReserve reports whether the next call of a lane may have the reserve permit. q.mu must be
// held.
func (q *Queue) needsReserve(l *lane) bool {
	return q.reserve && q.running == q.permits && l.running == 0 && l.key != "" && q.lanes.monopoly(q.permits)
}

// monopoly reports whether one owner has the given number of permits.
func (s *lanes) monopoly(permits int) bool {
	for e := s.order.Front(); e != nil; e = e.Next() {
		if e.Value.(*lane).running == permits {
			return true
		}
	}
	return false
}
