package cli

import (
	"context"
	"errors"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/runtime"
	"tabcell/settings"
)

// waitingEngine is an engine whose calls wait until the large guest is loaded, if they need it. A
// server lets a call wait only within its time limit, because the client can try again later. A
// command cannot, and compiling the guest can take longer than the limit.
type waitingEngine struct{ runtime.Evaluator }

// startEngine starts an engine that runs one call at a time. The error is errInterrupted if a signal
// came during the start, whatever the start was waiting for.
func (a *App) startEngine(ctx context.Context, s settings.Settings) (waitingEngine, error) {
	s.Cells.Concurrency = 1
	s.Process.Confine = confine.Off // a command needs its rights until it ends
	engine, err := a.Start(ctx, s, a.showProgress)
	if err != nil && errors.Is(context.Cause(ctx), errInterrupted) {
		err = errInterrupted
	}
	return waitingEngine{engine}, err
}

// Evaluate runs a script.
func (e waitingEngine) Evaluate(ctx context.Context, c runtime.Call) (result runtime.Result, err error) {
	err = e.retryWhenLoaded(ctx, func() (err error) {
		result, err = e.Evaluator.Evaluate(ctx, c)
		return err
	})
	return result, err
}

// LoadModel loads a model.
func (e waitingEngine) LoadModel(ctx context.Context, m runtime.Model) (info runtime.ModelInfo, err error) {
	err = e.retryWhenLoaded(ctx, func() (err error) {
		info, err = e.Evaluator.LoadModel(ctx, m)
		return err
	})
	return info, err
}

// retryWhenLoaded calls work, and if the large guest is not loaded yet, again when it is.
func (e waitingEngine) retryWhenLoaded(ctx context.Context, work func() error) error {
	err := work()
	if router, ok := e.Evaluator.(*runtime.Router); ok && errors.Is(err, runtime.ErrPreparing) {
		if err = router.Wait(ctx); err == nil {
			err = work()
		}
	}
	return err
}
