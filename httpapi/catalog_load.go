package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// load loads a model and logs the traceback of a failure at debug level.
func (c *catalog) load(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	info, err := c.runner.LoadModel(ctx, m)
	if fault, ok := errors.AsType[*runtime.ModelError](err); ok {
		zerolog.Ctx(ctx).Debug().Str("traceback", truncateLogged(fault.Traceback)).Str("model", m.Name).Msg("model error")
	}
	return info, err
}

// isModelFault reports whether the model itself caused a failed load, and not the state of the
// server.
func isModelFault(err error) bool {
	_, fault := errors.AsType[*runtime.ModelError](err)
	return fault || errors.Is(err, runtime.ErrTimeout) || errors.Is(err, runtime.ErrMemory) || errors.Is(err, runtime.ErrOutput) || errors.Is(err, runtime.ErrCrash)
}

// loadRetryDelay is the time between attempts to load a model at the start, while all cells are
// busy or a guest is being prepared.
const loadRetryDelay = 200 * time.Millisecond

// LoadModels loads all deployed models, one after the other, so that /status shows their state and
// the first queries do not have to wait. It returns when all are loaded or ctx is done.
func (a *API) LoadModels(ctx context.Context) {
	for _, e := range a.models.List() {
		if e.Type == registry.TypeModel && a.models.loadStored(ctx, e.Name) != nil {
			return
		}
	}
}

// loadStored loads a deployed model, unless a load has been attempted before. It returns an error
// only if ctx is done.
func (c *catalog) loadStored(ctx context.Context, name string) error {
	for {
		e, ok := c.Get(name)
		if !ok || e.Type != registry.TypeModel || c.snapshot(e).state() != loadInProgress {
			return nil
		}
		info, err := c.load(ctx, c.model(ctx, e))
		if !errors.Is(err, runtime.ErrBusy) && !errors.Is(err, runtime.ErrPreparing) {
			if err == nil || isModelFault(err) || errors.Is(err, registry.ErrDamaged) || errors.Is(err, runtime.ErrNoModels) {
				c.recordLoad(e, info, err)
			}
			return context.Cause(ctx)
		}
		select {
		case <-time.After(loadRetryDelay):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
