package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tabcell/runtime/internal/pool"
)

// Evaluate runs the script of one request in a cell of its own. It returns a *ScriptError if the
// script or the request is at fault; ErrTimeout, ErrMemory or ErrOutput if a limit was exceeded;
// a *BusyError, ErrClosed or ErrCrash; or ctx's cause if the caller canceled the call.
func (e *Engine) Evaluate(ctx context.Context, c Call) (Result, error) {
	return e.evaluate(ctx, c, nil)
}

// evaluate also returns a *searchError if the script searches for one of the watched modules and
// distributions.
func (e *Engine) evaluate(ctx context.Context, c Call, watched []string) (Result, error) {
	a := e.newAdmission(ctx, c.Owner, c.Limits)
	a.watched = watched
	defer a.cancel()
	if err := a.wait(); err != nil {
		return Result{}, err
	}
	a.scripts = e.scripts
	if l := a.acquireImports(c.Body); l != nil {
		return a.run(c, l.template, l.workers, func() {
			e.models.release(l)
			a.release()
		})
	}
	return a.run(c, e.template, e.workers, a.release)
}

// enter makes the instance of a call and runs it to its end.
func (e *Engine) enter(ctx context.Context, w *pool.Worker, c *call, admitted time.Time) (uint64, error) {
	if err := w.Instantiate(c.limits.Memory); err != nil {
		return 0, err
	}
	c.entered, c.cell = time.Now(), w
	c.trace.Cell = c.entered.Sub(admitted)
	status, err := w.Call(withCall(ctx, c))
	c.finishTrace(w.Fuel())
	c.memoryDenied, c.memory = w.MemoryDenied(), w.PeakMemory()
	e.counts.copied.Add(c.trace.In + c.trace.Out)
	e.counts.fuel.Add(c.trace.Fuel)
	return status, err
}

// result returns the result of a call whose guest returned with status, or did not return because
// of err.
func (e *Engine) result(c *call, status uint64, err error) (Result, error) {
	r := Result{Output: c.output.bytes(), Timing: c.trace.Timing, Fuel: c.trace.Fuel, Memory: c.memory}
	if c.errors != &c.output {
		r.Errors = c.errors.bytes()
	}
	switch {
	case err != nil:
		return r, c.limits.withValue(e.crashError(c, err))
	case !c.graceEnd.IsZero(): // even if the script has caught the exception
		return r, c.limits.withValue(e.countTimeout(ErrTimeout))
	case status != 0:
		return r, e.newCrash("the interpreter could not write a response")
	case c.kind == kindValue || c.kind == kindTable && c.table != nil:
		r.Body, r.Table = c.reply, c.kind == kindTable
		if c.repliesToTable() {
			r.Body = nil
		}
		return r, nil
	}
	return r, e.scriptError(c)
}

// scriptError returns the error that the guest reports in its reply.
func (e *Engine) scriptError(c *call) error {
	scriptErr := &ScriptError{Kind: c.kind}
	switch c.kind {
	case KindEmpty, KindData, KindNames:
		return scriptErr // these have no reply
	}
	if err := json.Unmarshal(c.reply, scriptErr); err != nil || c.kind > KindQuery {
		return e.newCrash("its error report is invalid")
	}
	if scriptErr.Text, scriptErr.Limit = c.exceeded(scriptErr.Class, scriptErr.Text); scriptErr.Limit == nil {
		scriptErr.Text = e.advise(c, scriptErr.Class, scriptErr.Text)
	}
	return e.countTimeout(scriptErr)
}

// crashError returns the reason why a guest did not return: the host has stopped it, or it trapped.
func (e *Engine) crashError(c *call, err error) error {
	var s *stop
	if errors.As(err, &s) {
		return e.countTimeout(s.reason)
	}
	if c.memoryDenied {
		return ErrMemory
	}
	return e.newCrash(firstLine(err))
}

// newCrash counts a crash and returns an ErrCrash.
func (e *Engine) newCrash(reason string) error {
	e.counts.crashes.Add(1)
	return fmt.Errorf("%w: %s", ErrCrash, reason)
}

// countTimeout counts err if it is an ErrTimeout, and returns it.
func (e *Engine) countTimeout(err error) error {
	if errors.Is(err, ErrTimeout) {
		e.counts.timeouts.Add(1)
	}
	return err
}

// firstLine returns the text of an error without wazero's stack trace of the guest.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(line, " (recovered by wazero)")
}
