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
	ErrClosed = errors.New("pool: the queue is closed")
)

// The bounds of RetryAfter in seconds.
const (
	minRetryAfter = 1
	maxRetryAfter = 60
)

// Queue grants a fixed number of permits in the order of arrival. A released permit goes directly
// to the oldest waiter, so that no caller starves. A Queue is safe for concurrent use and starts no
// goroutines.
type Queue struct {
	permits    int
	maxWaiting int

	mu      sync.Mutex    // guards the fields below
	running int           // permits in use
	waiters list.List     // of chan error, oldest first; empty unless all permits are in use
	closed  bool          // set by Close
	idle    chan struct{} // closed when the last permit is released; nil if Drain is not waiting
	hold    time.Duration // moving average of the time that permits are held; 0 at first
}

// NewQueue returns a queue with the given number of permits, at least one, for which at most
// maxWaiting calls may wait. If maxWaiting is 0, Acquire either returns a permit at once or fails.
func NewQueue(permits, maxWaiting int) *Queue {
	return &Queue{permits: max(permits, 1), maxWaiting: max(maxWaiting, 0)}
}

// Acquire waits for a permit and returns the function that releases it, which may be called more
// than once. Acquire returns ErrFull at once if the maximum number of calls is waiting already,
// ErrClosed after Close, and the cause of ctx if ctx ends first. After an error the caller has no
// permit, even if one became free at the same time.
func (q *Queue) Acquire(ctx context.Context) (release func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	waiter, err := q.enter()
	if err != nil {
		return nil, err
	}
	if waiter != nil {
		if err := q.wait(ctx, waiter); err != nil {
			return nil, err
		}
	}
	acquired := time.Now()
	return sync.OnceFunc(func() { q.release(time.Since(acquired)) }), nil
}

// enter takes a free permit, or returns a new entry of the list of waiters.
func (q *Queue) enter() (waiter *list.Element, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return nil, ErrClosed
	case q.running < q.permits:
		q.running++
		return nil, nil
	case q.waiters.Len() >= q.maxWaiting:
		return nil, ErrFull
	}
	return q.waiters.PushBack(make(chan error, 1)), nil
}

// wait returns nil when the waiter has a permit. The function that removes a waiter from the list,
// which it does with mu held, decides the outcome: passOn and Close send it to the channel, and
// leave makes it the context's error.
func (q *Queue) wait(ctx context.Context, waiter *list.Element) error {
	outcome := waiter.Value.(chan error)
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		q.leave(waiter, outcome)
		return context.Cause(ctx)
	}
}

// leave removes a waiter from the list. If the waiter got a permit in the meantime, it passes the
// permit on.
func (q *Queue) leave(waiter *list.Element, outcome chan error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case err := <-outcome:
		if err == nil {
			q.passOn()
		}
	default:
		q.waiters.Remove(waiter)
	}
}

// passOn gives a released permit to the oldest waiter, or makes it free. q.mu must be held.
func (q *Queue) passOn() {
	if oldest := q.waiters.Front(); oldest != nil {
		q.waiters.Remove(oldest).(chan error) <- nil
		return
	}
	q.running--
	if q.running == 0 && q.idle != nil {
		close(q.idle)
		q.idle = nil
	}
}

func (q *Queue) release(held time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.hold == 0 {
		q.hold = held
	} else {
		q.hold += (held - q.hold) / 8
	}
	q.passOn()
}

// Close makes Acquire return ErrClosed, also to the calls that are waiting. Permits in use stay
// valid.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for q.waiters.Len() > 0 {
		q.waiters.Remove(q.waiters.Front()).(chan error) <- ErrClosed
	}
}

// Drain waits until no permit is in use, and returns the cause of ctx if ctx ends first. The queue
// should be closed before; otherwise new calls may get permits.
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
	if q.running == 0 {
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
	return q.waiters.Len()
}

// RetryAfter estimates when a new call would get a permit: the time in which all permits together
// serve the waiting calls and one more, if permits are held as long as recently. The result is a
// whole number of seconds from 1 to 60.
func (q *Queue) RetryAfter() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	rounds := float64(q.waiters.Len()+1) / float64(q.permits)
	seconds := math.Ceil(rounds * q.hold.Seconds())
	return time.Duration(min(max(seconds, minRetryAfter), maxRetryAfter)) * time.Second
}
