package runtime

import (
	"context"
	"errors"

	"tabcell/runtime/internal/pool"
)

// Share bounds the calls of one kind that run at the same time, whatever permits the engine has
// left. Its owners take turns as those of the engine do. A Share is safe for concurrent use.
type Share struct{ queue *pool.Queue }

// NewShare returns a share with the given number of permits, at least one, for which at most
// waiting calls may wait.
func NewShare(permits, waiting int) *Share { return &Share{pool.NewQueue(permits, waiting)} }

// Acquire waits for a permit of the share and returns the function that releases it, which may be
// called more than once. It returns a *BusyError if too many calls are waiting, or the cause of ctx
// if ctx ends first.
func (s *Share) Acquire(ctx context.Context, o Owner) (release func(), err error) {
	release, err = s.queue.Acquire(ctx, o)
	switch {
	case errors.Is(err, pool.ErrShare):
		return nil, &BusyError{RetryAfter: s.queue.RetryAfter(), Owner: o.Key, Share: s.queue.Share(o)}
	case errors.Is(err, pool.ErrFull):
		return nil, &BusyError{RetryAfter: s.queue.RetryAfter()}
	}
	return release, err
}

// Running returns the number of permits in use.
func (s *Share) Running() int { return s.queue.Running() }

// Waiting returns the number of waiting calls.
func (s *Share) Waiting() int { return s.queue.Waiting() }
