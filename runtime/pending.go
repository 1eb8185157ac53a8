package runtime

import (
	"context"
	"errors"
	"time"
)

// Evaluator is an engine that evaluates scripts and runs deployed models. *Engine, *Router and
// *PendingEngine implement it; the methods are documented there.
type Evaluator interface {
	Evaluate(ctx context.Context, c Call) (Result, error)
	LoadModel(ctx context.Context, m Model) (ModelInfo, error)
	QueryModel(ctx context.Context, m Model, c Call) (Result, error)
	ForgetModel(digest string)
	Stats() Stats
	TemplateStats() TemplateStats
	Close() error
}

// PendingEngine accepts calls while its engine is still being started. They wait for the engine as
// they would wait for a permit: at most as many as the queue holds, of which one owner may have a
// part, each for a limited time. If the start is estimated to take longer than that, they are
// refused at once.
type PendingEngine struct {
	engine *startup[Evaluator]
}

// NewPendingEngine returns an engine for which at most waiting calls may wait until Start has made
// it. timeout is the time limit of a call.
func NewPendingEngine(waiting int, timeout time.Duration) *PendingEngine {
	return &PendingEngine{newStartup[Evaluator](waiting, timeout)}
}

// Report takes the progress of the start, from which the wait is estimated.
func (p *PendingEngine) Report(progress Progress) { p.engine.report(progress) }

// Start runs start, and passes its result to the waiting calls and to the caller. If it fails, all
// calls end with ErrClosed. If Close was called in the meantime, Start closes the engine and
// returns ErrClosed. Start must be called only once.
func (p *PendingEngine) Start(start func() (Evaluator, error)) (Evaluator, error) {
	e, err := start()
	if !p.engine.finish(e, err) && err == nil {
		return nil, errors.Join(ErrClosed, e.Close())
	}
	return e, err
}

// Evaluate waits for the engine and calls its Evaluate.
func (p *PendingEngine) Evaluate(ctx context.Context, c Call) (Result, error) {
	e, err := p.wait(ctx, c.Owner)
	if err != nil {
		return Result{}, err
	}
	return e.Evaluate(ctx, c)
}

// LoadModel waits for the engine and calls its LoadModel.
func (p *PendingEngine) LoadModel(ctx context.Context, m Model) (ModelInfo, error) {
	e, err := p.wait(ctx, ownerOf(ctx))
	if err != nil {
		return ModelInfo{}, err
	}
	return e.LoadModel(ctx, m)
}

// QueryModel waits for the engine and calls its QueryModel.
func (p *PendingEngine) QueryModel(ctx context.Context, m Model, c Call) (Result, error) {
	e, err := p.wait(ctx, c.Owner)
	if err != nil {
		return Result{}, err
	}
	return e.QueryModel(ctx, m, c)
}

// wait returns the engine. Its error is a *PreparingError if the engine does not start in time or
// too many calls wait already, ErrClosed if the start failed or the engine was closed, or ctx's
// cause.
func (p *PendingEngine) wait(ctx context.Context, o Owner) (Evaluator, error) {
	if err := p.engine.admit(ctx, o); err != nil {
		return nil, err
	}
	if p.engine.err != nil { // the caller of Start reports it and ends the server
		return nil, ErrClosed
	}
	return p.engine.value, nil
}

// Ready returns nil once scripts can run, and the reason otherwise: a *PreparingError, or
// ErrClosed.
func (p *PendingEngine) Ready() error {
	switch {
	case !p.engine.finished():
		return p.engine.preparing()
	case p.engine.err != nil:
		return ErrClosed
	}
	return nil
}

// ForgetModel calls the engine's ForgetModel. Before the engine has started, no model is loaded,
// and ForgetModel does nothing.
func (p *PendingEngine) ForgetModel(digest string) {
	if e := p.started(); e != nil {
		e.ForgetModel(digest)
	}
}

// Stats returns the engine's counters, all zero before it has started.
func (p *PendingEngine) Stats() Stats {
	if e := p.started(); e != nil {
		return e.Stats()
	}
	return Stats{}
}

// TemplateStats returns the engine's model counters, all zero before it has started.
func (p *PendingEngine) TemplateStats() TemplateStats {
	if e := p.started(); e != nil {
		return e.TemplateStats()
	}
	return TemplateStats{}
}

// EndWaits ends the waits of calls for an engine or a guest that is being started with ErrClosed.
func (p *PendingEngine) EndWaits() {
	p.engine.endWaits()
	if r, ok := p.started().(interface{ EndWaits() }); ok {
		r.EndWaits()
	}
}

// started returns the engine, or nil if it has not started.
func (p *PendingEngine) started() Evaluator {
	if p.Ready() != nil {
		return nil
	}
	return p.engine.value
}

// Close refuses the waiting calls with ErrClosed and closes the engine if it has started. It does
// not wait for a start that is still running, and until that ends, the cache does not trust the
// files that it has written.
func (p *PendingEngine) Close() error {
	if e, started := p.engine.close(); started && e != nil {
		return e.Close()
	}
	return nil
}
