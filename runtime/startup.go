package runtime

import "context"

// startup is an engine that is being started, by another goroutine than those that wait for it.
type startup[E any] struct {
	done    chan struct{} // closed once value and err are set
	value   E
	err     error
	closing chan struct{} // closed to end all waits
}

func newStartup[E any]() startup[E] {
	return startup[E]{done: make(chan struct{}), closing: make(chan struct{})}
}

// finish sets the result of the start. It must be called only once.
func (s *startup[E]) finish(value E, err error) {
	s.value, s.err = value, err
	close(s.done)
}

// finished reports whether value and err are set.
func (s *startup[E]) finished() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// wait waits until value and err are set. It returns ErrClosed if closing is closed before, and
// ctx's cause if ctx ends before.
func (s *startup[E]) wait(ctx context.Context) error {
	if s.finished() {
		return nil
	}
	select {
	case <-s.done:
		return nil
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
