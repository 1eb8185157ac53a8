package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"tabcell/runtime"
)

var errStarting = errors.New("the Python guest is being prepared")

// lateEngine lets requests come while the engine is being started: they wait for it as they would for a place, no more of them than the
// queue holds, and are told to come back when it takes too long.
type lateEngine struct {
	waiting  chan struct{} // one for each request that may wait
	patience time.Duration // how long each may
	started  chan struct{} // closed when the fields below are set
	engine   evaluator
	err      error
	closing  chan struct{}
	once     sync.Once
}

// errPreparing is what clients are told when the engine is not there yet.
var errPreparing = &runtime.BusyError{RetryAfter: 5 * time.Second, Reason: "The Python guest is being prepared, which takes some seconds at the first start."}

func newLateEngine(waiting int, patience time.Duration) *lateEngine {
	return &lateEngine{waiting: make(chan struct{}, waiting), patience: patience, started: make(chan struct{}), closing: make(chan struct{})}
}

// start runs make and lets the waiting in. It is called once.
func (l *lateEngine) start(make func() (evaluator, error)) error {
	l.engine, l.err = make()
	close(l.started)
	return l.err
}

// Evaluate is the engine's, after waiting for it.
func (l *lateEngine) Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	if err := l.wait(ctx); err != nil {
		return runtime.Result{}, err
	}
	return l.engine.Evaluate(ctx, call)
}

func (l *lateEngine) wait(ctx context.Context) error {
	select {
	case <-l.started:
		return l.failure()
	default:
	}
	select {
	case l.waiting <- struct{}{}:
		defer func() { <-l.waiting }()
	default:
		return errPreparing
	}
	timer := time.NewTimer(l.patience)
	defer timer.Stop()
	select {
	case <-l.started:
		return l.failure()
	case <-timer.C:
		return errPreparing
	case <-l.closing:
		return runtime.ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *lateEngine) failure() error {
	if l.err != nil {
		return runtime.ErrClosed // the server is about to end, with l.err
	}
	return nil
}

// Stats are the engine's; before there is one, those of nothing.
func (l *lateEngine) Stats() runtime.Stats {
	if l.Ready() != nil {
		return runtime.Stats{}
	}
	return l.engine.Stats()
}

// Ready is nil when scripts can run.
func (l *lateEngine) Ready() error {
	select {
	case <-l.started:
		return l.failure()
	default:
		return errStarting
	}
}

// Close sends away those who wait, and ends the engine if there is one. A start that goes on is left alone: it ends with the process,
// and what it wrote into the cache is not sealed.
func (l *lateEngine) Close() error {
	l.once.Do(func() { close(l.closing) })
	select {
	case <-l.started:
		if l.err == nil {
			return l.engine.Close()
		}
	default:
	}
	return nil
}
