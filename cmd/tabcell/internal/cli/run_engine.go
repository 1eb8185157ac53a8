package cli

import (
	"context"
	"errors"
	"fmt"

	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
	"tabcell/settings"
)

// waitingEngine waits for the libraries that a call needs. They are compiled once, and somebody who does one thing waits for that.
type waitingEngine struct{ runtime.Evaluator }

// startEngine starts an engine for one call at a time.
func (a *App) startEngine(ctx context.Context, s settings.Settings) (waitingEngine, error) {
	s.Cells.Concurrency = 1
	engine, err := a.Start(ctx, s, a.showProgress)
	return waitingEngine{engine}, err
}

func (e waitingEngine) Evaluate(ctx context.Context, c runtime.Call) (result runtime.Result, err error) {
	err = e.retryWhenLoaded(ctx, func() (err error) {
		result, err = e.Evaluator.Evaluate(ctx, c)
		return err
	})
	return result, err
}

func (e waitingEngine) LoadModel(ctx context.Context, m runtime.Model) (info runtime.ModelInfo, err error) {
	err = e.retryWhenLoaded(ctx, func() (err error) {
		info, err = e.Evaluator.LoadModel(ctx, m)
		return err
	})
	return info, err
}

// retryWhenLoaded does work again after the libraries that it needs are there.
func (e waitingEngine) retryWhenLoaded(ctx context.Context, work func() error) error {
	err := work()
	if router, ok := e.Evaluator.(*runtime.Router); ok && errors.Is(err, runtime.ErrBusy) {
		if err = router.Wait(ctx); err == nil {
			err = work()
		}
	}
	return err
}

// showProgress is for somebody who waits at a terminal.
func (a *App) showProgress(p runtime.Progress) {
	if text := server.StartText(p); a.Terminal && text != "" {
		fmt.Fprintln(a.Stderr, text)
	}
}
