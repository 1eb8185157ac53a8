package pool

import (
	"container/list"
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// Errors of Acquire.
var (
	ErrFull   = errors.New("pool: the queue is full")
	ErrShare  = errors.New("pool: the owner's share of the queue is full")
	ErrClosed = errors.New("pool: the queue is closed")
)

// The bounds of RetryAfter in seconds.
const (
	minRetryAfter = 1
	maxRetryAfter = 60
)

// Queue grants a fixed number of permits. The calls of one owner get them in the order of arrival,
// and the owners take turns: a released permit goes directly to the owner that has the fewest
// permits, or has waited for its turn the longest. So no caller starves, and an owner with many
// calls delays those of another by about one call. If these calls are long, one permit is spared
// for the others while they are active, and a reserve permit serves those who were not. A Queue is
// safe for concurrent use and starts no goroutines.
type Queue struct {
	permits    int
	maxWaiting int
	reserve    bool // see AddReserve

	mu      sync.Mutex    // guards the fields below
	running int           // permits in use, with that of the reserve
	waiting int           // calls in all lanes
	lanes   lanes         // those with calls
	closed  bool          // set by Close
	idle    chan struct{} // closed when the last permit is released; nil if Drain is not waiting
	hold    time.Duration // moving average of the time that permits are held; 0 at first
	spare   spare

	maxSuspended      int
	maxSuspendedBytes uint64
	suspended         int       // permits that are suspended
	suspendedBytes    uint64    // memory of their cells
	resuming          []resumer // those of them whose call waits to go on, the first one first
}

// NewQueue returns a queue with the given number of permits, at least one, for which at most
// maxWaiting calls may wait, of which one owner may have half (see Owner). If maxWaiting is 0,
// Acquire either returns a permit at once or fails.
func NewQueue(permits, maxWaiting int) *Queue {
	permits = max(permits, 1)
	return &Queue{
		permits: permits, maxWaiting: max(maxWaiting, 0), maxSuspended: suspendedPerPermit * permits, maxSuspendedBytes: math.MaxUint64,
		lanes: lanes{all: map[string]*lane{}}, spare: spare{long: map[string]time.Time{}},
	}
}

// Permits returns the number of permits.
func (q *Queue) Permits() int { return q.permits }

// Share returns the number of calls of an owner that may wait.
func (q *Queue) Share(o Owner) int {
	return (&lane{key: o.Key, weight: max(o.Weight, 1)}).share(q.maxWaiting)
}

// Acquire waits for a permit and returns the function that releases it, which may be called more
// than once. Acquire returns ErrFull at once if the maximum number of calls is waiting already,
// ErrShare if the maximum number of calls of this owner is, ErrClosed after Close, and the cause of
// ctx if ctx ends first. After an error the caller has no permit, even if one became free at the
// same time.
func (q *Queue) Acquire(ctx context.Context, o Owner) (release func(), err error) {
	p, err := q.AcquirePermit(ctx, o)
	if err != nil {
		return nil, err
	}
	return p.Release, nil
}

// acquire waits for a permit and returns the lane in which it counts.
func (q *Queue) acquire(ctx context.Context, o Owner) (*lane, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	l, waiter, err := q.enter(o)
	if err == nil && waiter != nil {
		err = q.wait(ctx, l, waiter)
	}
	return l, err
}

// enter takes a free permit, or returns a new entry of the list of waiters of the owner's lane.
func (q *Queue) enter(o Owner) (l *lane, waiter *list.Element, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, nil, ErrClosed
	}
	l = q.lanes.of(o)
	defer q.lanes.leave(l)
	now := time.Now()
	q.spare.called(o.Key, now)
	switch {
	case l.waiters.Len() == 0 && (q.running < q.permits && !q.spares(l, now) || q.needsReserve(l)):
		q.running++
		q.lanes.grant(l)
		return l, nil, nil
	case q.waiting >= q.maxWaiting:
		return nil, nil, ErrFull
	case l.waiters.Len() >= l.share(q.maxWaiting):
		return nil, nil, ErrShare
	}
	q.waiting++
	waiter = l.waiters.PushBack(make(chan error, 1))
	q.dispatch(now) // a permit may have been spared that is not any more
	return l, waiter, nil
}

// wait returns nil when the waiter has a permit. The function that removes a waiter from the list,
// which it does with mu held, decides the outcome: dispatch and Close send it to the channel, and
// leave makes it the context's error.
func (q *Queue) wait(ctx context.Context, l *lane, waiter *list.Element) error {
	outcome := waiter.Value.(chan error)
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		q.leave(l, waiter, outcome)
		return context.Cause(ctx)
	}
}

// leave removes a waiter from the list. If the waiter got a permit in the meantime, it passes the
// permit on.
func (q *Queue) leave(l *lane, waiter *list.Element, outcome chan error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case err := <-outcome:
		if err == nil {
			q.passOn(l, time.Now())
		}
	default:
		q.remove(l, waiter)
		q.lanes.leave(l)
	}
}

// remove removes a waiter from its lane and returns its channel. q.mu must be held.
func (q *Queue) remove(l *lane, waiter *list.Element) chan error {
	q.waiting--
	return l.waiters.Remove(waiter).(chan error)
}

// dispatch gives the free permits to the oldest waiters of the next lanes. A lane for which no
// permit is left because of the spared one has running calls, after whose end dispatch is called
// again. q.mu must be held.
func (q *Queue) dispatch(now time.Time) {
	q.dispatchResumers()
	eligible := func(l *lane) bool { return !q.spares(l, now) }
	for q.running < q.permits {
		next := q.lanes.next(eligible)
		if next == nil {
			return
		}
		q.admit(next)
	}
	if next := q.lanes.next(q.needsReserve); next != nil {
		q.admit(next)
	}
}

// admit gives a permit to the oldest waiter of a lane. q.mu must be held.
func (q *Queue) admit(l *lane) {
	q.remove(l, l.waiters.Front()) <- nil
	q.running++
	q.lanes.grant(l)
}

// passOn gives a permit that a call of the lane from has released to the oldest waiter of the next
// lane, or makes it free. q.mu must be held.
func (q *Queue) passOn(from *lane, now time.Time) {
	from.running--
	q.running--
	q.dispatch(now)
	q.lanes.leave(from)
	if q.running == 0 && q.suspended == 0 && q.idle != nil {
		close(q.idle)
		q.idle = nil
	}
}

// release ends the use of a permit. q.mu must be held.
func (q *Queue) release(from *lane, held time.Duration) {
	if q.hold == 0 {
		q.hold = held
	} else {
		q.hold += (held - q.hold) / 8
	}
	now := time.Now()
	q.spare.ended(from.key, held, now)
	q.passOn(from, now)
}

// Close makes Acquire return ErrClosed, also to the calls that are waiting. Permits in use stay
// valid.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	any := func(*lane) bool { return true }
	for l := q.lanes.next(any); l != nil; l = q.lanes.next(any) {
		q.remove(l, l.waiters.Front()) <- ErrClosed
		q.lanes.leave(l)
	}
}

// Drain waits until no permit is in use or suspended, and returns the cause of ctx if ctx ends
// first. The queue should be closed before; otherwise new calls may get permits.
func (q *Queue) Drain(ctx context.Context) error {
	idle := q.whenIdle()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// whenIdle returns a channel that is closed when no permit is in use.
func (q *Queue) whenIdle() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.idle != nil {
		return q.idle
	}
	idle := make(chan struct{})
	if q.running == 0 && q.suspended == 0 {
		close(idle)
	} else {
		q.idle = idle
	}
	return idle
}

// Running returns the number of permits in use.
func (q *Queue) Running() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running
}

// Waiting returns the number of waiting calls.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}

// RetryAfter estimates when a new call would get a permit: the time in which all permits together
// serve the waiting calls and one more, if permits are held as long as recently. The result is a
// whole number of seconds from 1 to 60.
func (q *Queue) RetryAfter() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	rounds := float64(q.waiting+1) / float64(q.permits)
	seconds := math.Ceil(rounds * q.hold.Seconds())
	return time.Duration(min(max(seconds, minRetryAfter), maxRetryAfter)) * time.Second
}
