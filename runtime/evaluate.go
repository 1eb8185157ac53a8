package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tabcell/runtime/internal/pool"

	"github.com/rs/zerolog"
)

// Evaluate runs one request in a cell of its own. Errors: *ScriptError for what the script or the request is to blame for; ErrTimeout,
// ErrMemory, ErrOutput for limits; ErrBusy (*BusyError), ErrClosed, ErrCrash; and ctx's own error when the caller went away.
func (e *Engine) Evaluate(ctx context.Context, c Call) (Result, error) {
	entered := time.Now()
	limits := c.Limits.within(e.limits)
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Timeout, ErrTimeout)
	defer cancel()
	release, err := e.queue.Acquire(ctx)
	if err != nil {
		return Result{}, e.refused(ctx, err)
	}
	w, err := e.workers.Take(ctx)
	if err != nil {
		release()
		return Result{}, fmt.Errorf("%w: no memory slot: %w", ErrCrash, err)
	}
	call := newCall(ctx, c, limits, e.template.Interruption())
	call.timing.Queue = time.Since(entered)
	e.counts.calls.Add(1)
	e.counts.instances.Add(1)
	status, err := e.enter(ctx, w, call)
	go e.putBack(ctx, w, release)
	return e.finish(call, status, err)
}

// enter makes the instance and runs it to its end.
func (e *Engine) enter(ctx context.Context, w *pool.Worker, call *call) (uint64, error) {
	begun := time.Now()
	if err := w.Instantiate(call.limits.Memory); err != nil {
		return 0, err
	}
	entered := time.Now()
	call.timing.Cell = entered.Sub(begun)
	status, err := w.Call(withCall(ctx, call))
	call.timing.Run = time.Since(entered) - call.timing.Copy
	call.memoryDenied = w.Denied()
	return status, err
}

// putBack restores the slot after the answer is out, by another goroutine than the answer's.
func (e *Engine) putBack(ctx context.Context, w *pool.Worker, release func()) {
	defer release()
	begun := time.Now()
	pages, err := e.workers.Put(w, e.verify)
	e.counts.restoring.Add(int64(time.Since(begun)))
	e.counts.pages.Add(uint64(pages))
	if err != nil {
		e.counts.unclean.Add(1)
		zerolog.Ctx(ctx).Error().Err(err).Msg("a memory slot could not be restored and was thrown away")
	}
}

func (e *Engine) refused(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, pool.ErrFull):
		e.counts.refused.Add(1)
		return &BusyError{RetryAfter: e.queue.RetryAfter()}
	case errors.Is(err, pool.ErrClosed):
		return ErrClosed
	}
	return e.stopped(context.Cause(ctx))
}

func (e *Engine) stopped(err error) error {
	if errors.Is(err, ErrTimeout) {
		e.counts.timeouts.Add(1)
	}
	return err
}

// finish turns what the guest left behind into the call's result.
func (e *Engine) finish(c *call, status uint64, err error) (Result, error) {
	r := Result{Output: c.output.bytes(), Timing: c.timing}
	switch {
	case err != nil:
		return r, e.broken(c, err)
	case !c.graceEnd.IsZero(): // the script may have swallowed the exception: its time was up all the same
		return r, e.stopped(ErrTimeout)
	}
	if status != 0 {
		e.counts.crashes.Add(1)
		return r, fmt.Errorf("%w: the interpreter could not form an answer", ErrCrash)
	}
	if c.kind == 0 {
		r.Body = c.reply
		return r, nil
	}
	told := &ScriptError{Kind: c.kind}
	if c.kind == KindEmpty || c.kind == KindData || c.kind == KindNames {
		return r, told
	}
	if err := json.Unmarshal(c.reply, told); err != nil || c.kind > KindTimeout {
		e.counts.crashes.Add(1)
		return r, fmt.Errorf("%w: its error report cannot be read", ErrCrash)
	}
	return r, e.stopped(told)
}

// broken explains a call that did not come back: stopped by the host, or trapped.
func (e *Engine) broken(c *call, err error) error {
	var s *stop
	if errors.As(err, &s) {
		return e.stopped(s.reason)
	}
	if c.memoryDenied {
		return ErrMemory
	}
	e.counts.crashes.Add(1)
	return fmt.Errorf("%w: %s", ErrCrash, firstLine(err))
}
