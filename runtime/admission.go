package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
)

// admission is one call on its way through the engine, from the moment when it enters the queue.
type admission struct {
	engine  *Engine
	ctx     context.Context // has the deadline of the call, and the permit once there is one
	cancel  context.CancelFunc
	owner   Owner
	limits  Limits
	watched []string     // see call
	scripts *scriptCache // nil for a query of a model, which brings its own code
	entered time.Time
	permit  *permit
	nested  bool   // the permit is that of the call that made this one
	release func() // returns the permit
}

// permit is the right to run a cell. A call and all calls below it share one.
type permit struct {
	queue   *pool.Queue
	held    *pool.Permit
	effects atomic.Uint64 // requests of the calls that may have changed something on the server, and uses of grants
	used    allowance
}

type permitKey struct{}

// permitOf returns the permit of the call that ctx belongs to, or nil.
func permitOf(ctx context.Context) *permit {
	p, _ := ctx.Value(permitKey{}).(*permit)
	return p
}

func (e *Engine) newAdmission(ctx context.Context, owner Owner, narrower Limits) *admission {
	a := &admission{engine: e, owner: owner, limits: narrower.within(e.limits), entered: time.Now()}
	a.ctx, a.cancel = context.WithTimeoutCause(ctx, a.limits.Timeout, ErrTimeout)
	return a
}

// wait waits for a permit. A call below another one uses the permit of that call, whose cell stands
// still in the meantime. If it needed a second permit, calls could hold all permits and wait for
// each other.
func (a *admission) wait() (err error) {
	q := a.engine.queue
	if p := permitOf(a.ctx); p != nil && p.queue == q {
		a.permit, a.nested, a.release = p, true, func() {}
		a.limits = p.used.left(a.limits)
		return nil
	}
	held, err := q.AcquirePermit(a.ctx, a.owner)
	if err != nil {
		return a.limits.whileWaiting(a.engine.admissionError(a.ctx, a.owner, err))
	}
	a.release = held.Release
	a.permit = &permit{queue: q, held: held}
	a.ctx = context.WithValue(a.ctx, permitKey{}, a.permit)
	return nil
}

// admissionError returns the error of a call that the queue did not admit.
func (e *Engine) admissionError(ctx context.Context, owner Owner, err error) error {
	switch {
	case errors.Is(err, pool.ErrShare):
		e.counts.refused.Add(1)
		return &BusyError{RetryAfter: e.queue.RetryAfter(), Owner: owner.Key, Share: e.queue.Share(owner)}
	case errors.Is(err, pool.ErrFull):
		e.counts.refused.Add(1)
		return &BusyError{RetryAfter: e.queue.RetryAfter()}
	case errors.Is(err, pool.ErrClosed):
		return ErrClosed
	}
	return e.countTimeout(context.Cause(ctx))
}

// run runs a call in a fresh cell of the template. It calls done once the slot has been reset.
func (a *admission) run(c Call, template *snapshot.Template, workers *pool.Pool, done func()) (Result, error) {
	e, admitted := a.engine, time.Now()
	var w *pool.Worker
	err := e.withRoom(func() (err error) {
		w, err = workers.Get(a.ctx)
		return err
	})
	if err != nil {
		done()
		return Result{}, fmt.Errorf("%w: no memory slot: %w", ErrCrash, err)
	}
	call := newCall(a.ctx, c, a.limits, template.Interruption())
	call.grants.network = e.network
	call.scripts, call.watched, call.imageSize = a.scripts, a.watched, template.Image().Size()
	call.trace.Queue = admitted.Sub(a.entered)
	e.counts.calls.Add(1)
	e.counts.instances.Add(1)
	status, err := e.enter(a.ctx, w, call, admitted)
	_ = call.endGrants()
	call.setResponse(nil)
	if _, discarded := errors.AsType[*searchError](err); discarded {
		c.Trace, call.toCompile = nil, nil
	}
	recycling := recycling{e, a.ctx, workers, w, c.Trace, call.trace, call.toCompile, done}
	if a.nested { // the outer call returns the permit, so nothing may be left to do then
		recycling.run()
	} else {
		go recycling.run()
	}
	r, err := e.result(call, status, err)
	r.searched = call.searched
	return r, err
}

// recycling resets a slot. This is done on another goroutine, so that the response does not wait
// for it.
type recycling struct {
	engine    *Engine
	ctx       context.Context
	workers   *pool.Pool
	worker    *pool.Worker
	onTrace   func(Trace) // may be nil
	trace     Trace
	toCompile *scriptSource // nil for none
	done      func()
}

func (r recycling) run() {
	defer r.done()
	counts, begun := &r.engine.counts, time.Now()
	pages, err := r.workers.Put(r.worker, r.engine.verify)
	r.trace.Pages, r.trace.Reset = pages, time.Since(begun)
	counts.resetTime.Add(int64(r.trace.Reset))
	counts.pages.Add(uint64(pages))
	if err != nil {
		counts.discarded.Add(1)
		zerolog.Ctx(r.ctx).Error().Err(err).Msg("a memory slot could not be reset and was discarded")
	}
	if r.onTrace != nil {
		r.onTrace(r.trace)
	}
	if r.toCompile != nil {
		r.engine.compile(r.ctx, r.toCompile)
	}
}
