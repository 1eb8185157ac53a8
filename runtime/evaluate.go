package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
)

// Evaluate runs one request in a cell of its own. Errors: *ScriptError for what the script or the request is to blame for; ErrTimeout,
// ErrMemory, ErrOutput for limits; ErrBusy (*BusyError), ErrClosed, ErrCrash; and ctx's own error when the caller went away.
func (e *Engine) Evaluate(ctx context.Context, c Call) (Result, error) {
	t := e.newTurn(ctx, c.Limits)
	defer t.end()
	if err := t.wait(); err != nil {
		return Result{}, err
	}
	return t.run(c, e.template, e.workers, t.release)
}

// turn is one call's way through the engine, from entering the queue on.
type turn struct {
	engine  *Engine
	ctx     context.Context // with the call's deadline, and its place once it has one
	end     context.CancelFunc
	limits  Limits
	entered time.Time
	place   *place
	nested  bool   // it runs in the place of the call that asked for it
	release func() // gives the place back
}

// place is what a call and all calls below it run in.
type place struct {
	queue *pool.Queue
	acted atomic.Bool // a service changed something for one of them
}

func (e *Engine) newTurn(ctx context.Context, narrower Limits) *turn {
	t := &turn{engine: e, limits: narrower.within(e.limits), entered: time.Now()}
	t.ctx, t.end = context.WithTimeoutCause(ctx, t.limits.Timeout, ErrTimeout)
	return t
}

type placeKey struct{}

// wait gets the turn a place. A call below another one runs in that one's, whose cell stands still meanwhile: were it to wait for a second
// place, calls could hold all places and wait for each other's.
func (t *turn) wait() (err error) {
	q := t.engine.queue
	if p := placeOf(t.ctx); p != nil && p.queue == q {
		t.place, t.nested, t.release = p, true, func() {}
		return nil
	}
	if t.release, err = q.Acquire(t.ctx); err != nil {
		return t.engine.refused(t.ctx, err)
	}
	t.place = &place{queue: q}
	t.ctx = context.WithValue(t.ctx, placeKey{}, t.place)
	return nil
}

// placeOf is nil for who has none.
func placeOf(ctx context.Context) *place {
	p, _ := ctx.Value(placeKey{}).(*place)
	return p
}

// run runs a call in a fresh cell of the template; done is called when its slot is clean again.
func (t *turn) run(c Call, template *snapshot.Template, workers *pool.Pool, done func()) (Result, error) {
	e := t.engine
	placed := time.Now()
	w, err := workers.Get(t.ctx)
	if err != nil {
		done()
		return Result{}, fmt.Errorf("%w: no memory slot: %w", ErrCrash, err)
	}
	call := newCall(t.ctx, c, t.limits, template.Interruption())
	if template == e.template {
		call.scripts = e.scripts
	}
	call.trace.Queue = placed.Sub(t.entered)
	e.counts.calls.Add(1)
	e.counts.instances.Add(1)
	status, err := e.enter(t.ctx, w, call, placed)
	back := putBack{e, t.ctx, workers, w, c.Trace, call.trace, call.compile, done}
	if t.nested { // the place is given back by another call, after which nothing may be left to do
		back.run()
	} else {
		go back.run()
	}
	r, err := e.finish(call, status, err)
	r.acted = t.place.acted.Load()
	return r, err
}

// enter makes the instance and runs it to its end.
func (e *Engine) enter(ctx context.Context, w *pool.Worker, call *call, placed time.Time) (uint64, error) {
	if err := w.Instantiate(call.limits.Memory); err != nil {
		return 0, err
	}
	call.entered = time.Now()
	call.trace.Cell = call.entered.Sub(placed)
	status, err := w.Call(withCall(ctx, call))
	call.left(w.Fuel())
	call.memoryDenied = w.MemoryDenied()
	e.counts.copied.Add(call.trace.In + call.trace.Out)
	e.counts.fuel.Add(call.trace.Fuel)
	return status, err
}

// putBack restores a slot after the answer is out, by another goroutine than the answer's.
type putBack struct {
	engine  *Engine
	ctx     context.Context
	workers *pool.Pool
	worker  *pool.Worker
	tell    func(Trace) // may be nil
	trace   Trace
	script  *uncompiled // nil: none
	done    func()
}

func (p putBack) run() {
	defer p.done()
	counts, begun := &p.engine.counts, time.Now()
	pages, err := p.workers.Put(p.worker, p.engine.verify)
	p.trace.Pages, p.trace.Reset = pages, time.Since(begun)
	counts.restoring.Add(int64(p.trace.Reset))
	counts.pages.Add(uint64(pages))
	if err != nil {
		counts.unclean.Add(1)
		zerolog.Ctx(p.ctx).Error().Err(err).Msg("a memory slot could not be restored and was thrown away")
	}
	if p.tell != nil {
		p.tell(p.trace)
	}
	if p.script != nil {
		p.engine.compile(p.ctx, p.script)
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
	r := Result{Output: c.output.bytes(), Timing: c.trace.Timing}
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
	if err := json.Unmarshal(c.reply, told); err != nil || c.kind > KindQuery {
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
