package pool

import (
	"container/list"
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// What Acquire can answer instead of a place.
var (
	ErrFull   = errors.New("pool: as many calls wait as may")
	ErrClosed = errors.New("pool: the queue is closed")
)

// The bounds of RetryAfter in seconds.
const (
	minRetry = 1
	maxRetry = 60
)

// Queue hands a fixed number of places to callers, first come first served. A place that comes back goes to the oldest waiter and
// to nobody else, so that none starves. It is safe for concurrent use, and starts no goroutines.
type Queue struct {
	places  int
	waiting int

	mu      sync.Mutex
	running int           // guarded by mu; places that are out
	line    list.List     // guarded by mu; of chan error, the oldest first; not empty only while all places are out
	closed  bool          // guarded by mu
	empty   chan struct{} // guarded by mu; closed when the last place is back; nil while nobody drains
	hold    time.Duration // guarded by mu; moving average of how long places are held; 0 before the first came back
}

// NewQueue makes a queue of at least one place, for which at most waiting calls may wait. With 0 waiting, a call gets a place at
// once or not at all.
func NewQueue(places, waiting int) *Queue {
	return &Queue{places: max(places, 1), waiting: max(waiting, 0)}
}

// Acquire waits for a place. The caller must call release once it is done; calling it again does nothing.
// It fails with ErrFull at once when too many wait already, with ErrClosed after Close, and with the context's cause when the
// caller goes away: then no place is held, even if one came at the same moment.
func (q *Queue) Acquire(ctx context.Context) (release func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	ticket, err := q.enter()
	if err != nil {
		return nil, err
	}
	if ticket != nil {
		if err := q.wait(ctx, ticket); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	return sync.OnceFunc(func() { q.giveBack(time.Since(began)) }), nil
}

// enter takes a free place, or a ticket in the line.
func (q *Queue) enter() (ticket *list.Element, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return nil, ErrClosed
	case q.running < q.places:
		q.running++
		return nil, nil
	case q.line.Len() >= q.waiting:
		return nil, ErrFull
	}
	return q.line.PushBack(make(chan error, 1)), nil
}

// wait ends with nil when the ticket's holder has a place. Whoever takes a ticket out of the line, under mu, decides its fate:
// pass and Close answer in the channel, leave answers with the context.
func (q *Queue) wait(ctx context.Context, ticket *list.Element) error {
	answer := ticket.Value.(chan error)
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		q.leave(ticket, answer)
		return context.Cause(ctx)
	}
}

// leave gives the ticket up, and the place too if it came in the meantime.
func (q *Queue) leave(ticket *list.Element, answer chan error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case err := <-answer:
		if err == nil {
			q.pass()
		}
	default:
		q.line.Remove(ticket)
	}
}

// pass hands a place that came back to the oldest waiter. It is called with mu held.
func (q *Queue) pass() {
	if first := q.line.Front(); first != nil {
		q.line.Remove(first).(chan error) <- nil
		return
	}
	q.running--
	if q.running == 0 && q.empty != nil {
		close(q.empty)
		q.empty = nil
	}
}

func (q *Queue) giveBack(held time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.hold == 0 {
		q.hold = held
	} else {
		q.hold += (held - q.hold) / 8
	}
	q.pass()
}

// Close refuses whoever waits and whoever comes. Places that are out may still be given back.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for q.line.Len() > 0 {
		q.line.Remove(q.line.Front()).(chan error) <- ErrClosed
	}
}

// Drain waits until all places are back, or fails with the context's cause. Close the queue before: else new callers may come.
func (q *Queue) Drain(ctx context.Context) error {
	empty := q.whenEmpty()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (q *Queue) whenEmpty() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.empty != nil {
		return q.empty
	}
	empty := make(chan struct{})
	if q.running == 0 {
		close(empty)
	} else {
		q.empty = empty
	}
	return empty
}

// Running is the number of places that are out.
func (q *Queue) Running() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running
}

// Waiting is the number of calls in the queue.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.line.Len()
}

// RetryAfter estimates when a call that comes then would get a place: the time for all places together to serve everybody who
// waits now and one more, as long as places were held lately. Whole seconds, from 1 to 60.
func (q *Queue) RetryAfter() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	rounds := float64(q.line.Len()+1) / float64(q.places)
	seconds := math.Ceil(rounds * q.hold.Seconds())
	return time.Duration(min(max(seconds, minRetry), maxRetry)) * time.Second
}
