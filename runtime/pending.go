package runtime

import (
	"context"
	"errors"
	"sync"
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

var errStarting = errors.New("the Python guest is being prepared")

// errPreparing is the error of calls for which the engine did not start in time.
var errPreparing = &BusyError{
	RetryAfter: 5 * time.Second,
	Reason:     "Python is being prepared, which takes some seconds at the first start.",
}

// PendingEngine accepts calls while its engine is still being started. They wait for the engine as
// they would wait for a permit: at most as many as the queue holds, each for a limited time.
type PendingEngine struct {
	waiting chan struct{} // one element for each call that waits
	maxWait time.Duration // of one call
	engine  startup[Evaluator]
	close   sync.Once
}

// NewPendingEngine returns an engine for which at most waiting calls may wait, each for at most
// maxWait, until Start has made it.
func NewPendingEngine(waiting int, maxWait time.Duration) *PendingEngine {
	return &PendingEngine{waiting: make(chan struct{}, waiting), maxWait: maxWait, engine: newStartup[Evaluator]()}
}

// Start runs start, and passes its result to the waiting calls and to the caller. If it fails, all
// calls end with ErrClosed. Start must be called only once.
func (p *PendingEngine) Start(start func() (Evaluator, error)) (Evaluator, error) {
	e, err := start()
	p.engine.finish(e, err)
	return e, err
}

// Evaluate waits for the engine and calls its Evaluate.
func (p *PendingEngine) Evaluate(ctx context.Context, c Call) (Result, error) {
	e, err := p.wait(ctx)
	if err != nil {
		return Result{}, err
	}
	return e.Evaluate(ctx, c)
}

// LoadModel waits for the engine and calls its LoadModel.
func (p *PendingEngine) LoadModel(ctx context.Context, m Model) (ModelInfo, error) {
	e, err := p.wait(ctx)
	if err != nil {
		return ModelInfo{}, err
	}
	return e.LoadModel(ctx, m)
}

// QueryModel waits for the engine and calls its QueryModel.
func (p *PendingEngine) QueryModel(ctx context.Context, m Model, c Call) (Result, error) {
	e, err := p.wait(ctx)
	if err != nil {
		return Result{}, err
	}
	return e.QueryModel(ctx, m, c)
}

// wait returns the engine. Its error is errPreparing if the engine did not start in time or too
// many calls wait already, ErrClosed if the start failed or the engine was closed, or ctx's cause.
func (p *PendingEngine) wait(ctx context.Context) (Evaluator, error) {
	if !p.engine.finished() {
		select {
		case p.waiting <- struct{}{}:
			defer func() { <-p.waiting }()
		default:
			return nil, errPreparing
		}
	}
	waitCtx, cancel := context.WithTimeoutCause(ctx, p.maxWait, errPreparing)
	defer cancel()
	if err := p.engine.wait(waitCtx); err != nil {
		return nil, err
	}
	if p.engine.err != nil { // the caller of Start reports it and ends the server
		return nil, ErrClosed
	}
	return p.engine.value, nil
}

// Ready returns nil once scripts can run, and the reason otherwise.
func (p *PendingEngine) Ready() error {
	switch {
	case !p.engine.finished():
		return errStarting
	case p.engine.err != nil:
		return ErrClosed
	}
	return nil
}

// ForgetModel calls the engine's ForgetModel. Before the engine has started, no model is loaded,
// and ForgetModel does nothing.
func (p *PendingEngine) ForgetModel(digest string) {
	if p.Ready() == nil {
		p.engine.value.ForgetModel(digest)
	}
}

// Stats returns the engine's counters, all zero before it has started.
func (p *PendingEngine) Stats() Stats {
	if p.Ready() != nil {
		return Stats{}
	}
	return p.engine.value.Stats()
}

// TemplateStats returns the engine's model counters, all zero before it has started.
func (p *PendingEngine) TemplateStats() TemplateStats {
	if p.Ready() != nil {
		return TemplateStats{}
	}
	return p.engine.value.TemplateStats()
}

// Close refuses the waiting calls with ErrClosed and closes the engine if it has started. A start
// that is still running is left alone: it ends with the process, and the cache does not trust the
// files that it wrote.
func (p *PendingEngine) Close() error {
	p.close.Do(func() { close(p.engine.closing) })
	if p.Ready() != nil {
		return nil
	}
	return p.engine.value.Close()
}

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
