package runtime

import (
	"context"
	"errors"
	"sync"
	"time"

	"tabcell/runtime/internal/pool"
)

// maxStartWait is the longest time that a call waits while a guest is compiled. Tableau gives up
// after 30 s by default, and the script needs some of that time itself.
const maxStartWait = 20 * time.Second

// startup is an engine that is being started, by another goroutine than those that wait for it.
//
// The calls that wait are those of a queue whose only permit the start holds. So they have the
// bounds of any queue, in total and for each owner. When the start ends, each call passes the
// permit on at once.
type startup[E any] struct {
	done    chan struct{} // closed once value and err are set
	value   E
	err     error
	queue   *pool.Queue
	release func()        // ends the waits of the queue
	timeout time.Duration // time limit of a call
	maxWait time.Duration // of one call if there are estimates; if more is left, all waits end
	maxLeft time.Duration // if more is estimated to be left, no wait begins; less, because estimates err

	mu      sync.Mutex // guards the fields below, and that finish and close come one after the other
	closed  bool
	steps   map[string]estimate // by guest
	tooLong context.Context     // done while the start is estimated to last longer than maxWait
	refuse  context.CancelFunc  // of tooLong
}

// estimate is the time that the start of a guest still takes, as estimated at a point of time.
type estimate struct {
	left time.Duration
	at   time.Time
}

// newStartup returns a startup for which at most waiting calls may wait. Each waits for at most two
// thirds of its time limit while a guest is compiled. Without an estimate, the guest is loaded,
// which takes a second unless the machine is very busy, and calls wait up to their time limit.
func newStartup[E any](waiting int, timeout time.Duration) *startup[E] {
	wait := min(timeout*2/3, maxStartWait)
	s := &startup[E]{
		done: make(chan struct{}), queue: pool.NewQueue(1, waiting), timeout: timeout, maxWait: wait, maxLeft: wait * 3 / 4, steps: map[string]estimate{},
	}
	s.release, _ = s.queue.Acquire(context.Background(), Owner{}) // the first call of a queue gets the permit
	s.tooLong, s.refuse = context.WithCancel(context.Background())
	return s
}

// finish sets the result of the start. It must be called only once. It reports false if close was
// called before: then nobody gets the result, and the caller has to close it.
func (s *startup[E]) finish(value E, err error) (taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if taken = !s.closed; !taken {
		err = ErrClosed
	} else {
		s.value = value
	}
	s.err = err
	close(s.done)
	s.release()
	return taken
}

// close ends all waits. It reports whether the start has ended before, and returns its result,
// which the caller then has to close.
func (s *startup[E]) close() (value E, ended bool) {
	s.endWaits()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.value, s.finished()
}

// endWaits ends all waits with ErrClosed.
func (s *startup[E]) endWaits() { s.queue.Close() }

// finished reports whether value and err are set.
func (s *startup[E]) finished() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// wait waits until value and err are set, without a place in the queue. It returns ctx's cause if
// ctx ends before.
func (s *startup[E]) wait(ctx context.Context) error {
	if s.finished() {
		return nil
	}
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// admit lets a call wait until value and err are set. It returns a *PreparingError if that is not
// expected to happen in time, or if too many calls wait already, ErrClosed after close, and ctx's
// cause if ctx ends before.
func (s *startup[E]) admit(ctx context.Context, o Owner) error {
	if s.finished() {
		return nil
	}
	tooLong, err := s.beginWait()
	if err != nil {
		return err
	}
	waitCtx, cancel := context.WithTimeoutCause(ctx, s.timeout, ErrPreparing)
	defer cancel()
	waitCtx, refuse := context.WithCancelCause(waitCtx)
	defer refuse(nil)
	defer time.AfterFunc(s.maxWait, func() {
		if s.preparing().Left > 0 {
			refuse(ErrPreparing)
		}
	}).Stop()
	defer context.AfterFunc(tooLong, func() { refuse(ErrPreparing) })()
	release, err := s.queue.Acquire(waitCtx, o)
	switch {
	case err == nil:
		release()
		return nil
	case errors.Is(err, pool.ErrFull), errors.Is(err, pool.ErrShare), errors.Is(err, ErrPreparing):
		return s.preparing()
	case errors.Is(err, pool.ErrClosed):
		return ErrClosed
	}
	return err
}

// beginWait returns a context that is done when a wait is estimated to be in vain, or a
// *PreparingError if it is now.
func (s *startup[E]) beginWait() (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if guest, left := s.longest(); left > s.maxLeft {
		return nil, &PreparingError{guest, left}
	}
	return s.tooLong, nil
}

// report takes the progress of a guest that the engine needs. If the start is estimated to last too
// long, all waits end, and no new ones begin until the estimate is shorter.
func (s *startup[E]) report(p Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps[p.Guest] = estimate{p.Left, time.Now()}
	_, left := s.longest()
	switch refused := s.tooLong.Err() != nil; {
	case left > s.maxWait:
		s.refuse()
	case refused:
		s.tooLong, s.refuse = context.WithCancel(context.Background())
	}
}

// longest returns the guest whose start takes longest, and the time that is left: 0 if it is
// unknown. s.mu must be held.
func (s *startup[E]) longest() (guest string, left time.Duration) {
	for name, e := range s.steps {
		if rest := e.left - time.Since(e.at); guest == "" || rest > left {
			guest, left = name, max(rest, 0)
		}
	}
	return guest, left
}

// preparing returns the error of a call that is not served before the end of the start.
func (s *startup[E]) preparing() *PreparingError {
	s.mu.Lock()
	defer s.mu.Unlock()
	guest, left := s.longest()
	return &PreparingError{guest, left}
}
