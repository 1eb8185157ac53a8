package main

import (
	"context"
	"sync"
	"time"

	"tabcell/assets"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// evaluator is what the server needs of an engine.
type evaluator interface {
	Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error)
	Close() error
}

// startFunc makes an engine. It takes seconds, and ends early with ctx.
type startFunc func(ctx context.Context, s settings.Settings, progress func(runtime.Progress)) (evaluator, error)

// startEngine unpacks the guest and starts an engine for it; seconds, unless its compiled code is in the cache.
func startEngine(ctx context.Context, s settings.Settings, progress func(runtime.Progress)) (evaluator, error) {
	guest, err := assets.Core()
	if err != nil {
		return nil, err
	}
	return runtime.New(ctx, engineConfig(s, runtime.Guest(guest), progress))
}

func engineConfig(s settings.Settings, guest runtime.Guest, progress func(runtime.Progress)) runtime.Config {
	return runtime.Config{
		Guest: guest,
		Limits: runtime.Limits{
			Timeout: s.Evaluate.Timeout.Duration(),
			Memory:  uint64(s.Cells.MemoryMB) << 20,
			Output:  uint64(s.Cells.OutputMB) << 20,
		},
		Places:           s.Cells.Places,
		Queue:            s.Cells.Queue,
		CacheDir:         s.Cells.CacheDir,
		Progress:         progress,
		AllowInterpreter: s.Cells.AllowInterpreter,
		Verify:           s.Cells.Verify,
	}
}

// startText says what a step of the start does; "" for steps too short to speak of.
func startText(p runtime.Progress) string {
	switch {
	case p.Step == "compile" && !p.Done && !p.Warm:
		return "compiling the Python guest (first start only) ..."
	case p.Step == "compile" && !p.Done:
		return "loading the compiled Python guest"
	}
	return ""
}

func logProgress(log *zerolog.Logger) func(runtime.Progress) {
	return func(p runtime.Progress) {
		if text := startText(p); text != "" {
			log.Info().Msg(text)
		} else if p.Done {
			log.Info().Str("step", p.Step).Bool("warm", p.Warm).Dur("took", p.Took).Msg("start step done")
		}
	}
}

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

// startRetry is what clients are told to wait when the engine is not there yet.
const startRetry = 5 * time.Second

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
		return &runtime.BusyError{RetryAfter: startRetry}
	}
	timer := time.NewTimer(l.patience)
	defer timer.Stop()
	select {
	case <-l.started:
		return l.failure()
	case <-timer.C:
		return &runtime.BusyError{RetryAfter: startRetry}
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
