package pool

import (
	"context"
	"sync"
	"time"
)

// suspendedPerPermit is the default of Queue.LimitSuspended for each permit.
const suspendedPerPermit = 4

// Permit is the right to run a cell. A call that waits for something outside of its cell can suspend
// it, so that another call runs meanwhile. Suspend and Resume must not be called at the same time.
type Permit struct {
	queue *Queue
	owner Owner

	lane     *lane         // where the permit counts; nil while it is suspended; guarded by Queue.mu
	acquired time.Time     // guarded by Queue.mu
	held     time.Duration // before acquired; guarded by Queue.mu
	bytes    uint64        // of the cell while it is suspended; guarded by Queue.mu
	release  sync.Once
}

// AcquirePermit waits for a permit as Acquire does, and returns its errors.
func (q *Queue) AcquirePermit(ctx context.Context, o Owner) (*Permit, error) {
	l, err := q.acquire(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Permit{queue: q, owner: o, lane: l, acquired: time.Now()}, nil
}

// LimitSuspended sets the number of permits that may be suspended at a time, and the memory that
// their cells may have together. By default there are four times as many as permits, with any
// memory.
func (q *Queue) LimitSuspended(n int, bytes uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.maxSuspended, q.maxSuspendedBytes = n, bytes
}

// Suspended returns the number of suspended permits.
func (q *Queue) Suspended() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.suspended
}

// Release releases the permit. It may be called more than once, but not while the permit is
// suspended.
func (p *Permit) Release() {
	p.release.Do(func() {
		q := p.queue
		q.mu.Lock()
		defer q.mu.Unlock()
		q.release(p.lane, p.held+time.Since(p.acquired))
	})
}

// Suspend gives the permit to another call until Resume. bytes is the memory of the cell. It reports
// false, and does nothing, if the limits of LimitSuspended would be exceeded.
func (p *Permit) Suspend(bytes uint64) bool {
	q := p.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.suspended >= q.maxSuspended || bytes > q.maxSuspendedBytes-q.suspendedBytes {
		return false
	}
	now := time.Now()
	p.held += now.Sub(p.acquired)
	q.suspended++
	p.bytes = bytes
	q.suspendedBytes += bytes
	from := p.lane
	p.lane = nil
	q.passOn(from, now)
	return true
}

// Resume waits until the call has a permit again. Suspended calls precede those that have not begun,
// whose memory is not in use yet. If ctx ends, the call gets a permit at once, beyond the number of
// permits: its deadline has passed, and its end needs little time.
func (p *Permit) Resume(ctx context.Context) {
	ready := p.queue.beginResume(p)
	if ready == nil {
		return
	}
	select {
	case <-ready:
	case <-ctx.Done():
		p.queue.forceResume(p, ready)
	}
}

// beginResume grants a permit if one is free. Otherwise it returns the channel that is closed when
// the permit is granted.
func (q *Queue) beginResume(p *Permit) chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running < q.permits && len(q.resuming) == 0 {
		q.resume(p)
		return nil
	}
	ready := make(chan struct{})
	q.resuming = append(q.resuming, resumer{p, ready})
	return ready
}

// resumer is a permit whose call waits to go on.
type resumer struct {
	permit *Permit
	ready  chan struct{} // closed when the permit is granted
}

// forceResume grants a permit even if none is free, unless it has been granted in the meantime.
func (q *Queue) forceResume(p *Permit, ready chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, r := range q.resuming {
		if r.ready == ready {
			q.resuming = append(q.resuming[:i:i], q.resuming[i+1:]...)
			q.resume(p)
			return
		}
	}
}

// resume counts a permit again. q.mu must be held.
func (q *Queue) resume(p *Permit) {
	q.suspended--
	q.suspendedBytes -= p.bytes
	q.running++
	p.lane = q.lanes.of(p.owner)
	q.lanes.grant(p.lane)
	p.acquired = time.Now()
}

// dispatchResumers gives free permits to suspended calls that wait to go on, the first one first.
// q.mu must be held.
func (q *Queue) dispatchResumers() {
	for q.running < q.permits && len(q.resuming) > 0 {
		first := q.resuming[0]
		q.resuming = q.resuming[1:]
		q.resume(first.permit)
		close(first.ready)
	}
}
