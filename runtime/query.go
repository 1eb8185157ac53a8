package runtime

import (
	"context"
	"errors"
)

// A deployed model is loaded once, in a cell like any other, with a deadline and a memory limit.
// The memory of that cell is captured over the image of the interpreter, and each query gets a
// fresh instance over it. So a query costs as much as a trivial script and the model's own work,
// and no query sees anything of another.

// ErrNoModels means that the guest is older than deployed models.
var ErrNoModels = errors.New("this build cannot run deployed models")

// LoadModel loads a model for later queries, unless it is loaded already. It returns a *ModelError
// if the model is at fault, the error of its Content, ErrNoModels, or an error of Evaluate. The
// owner of the call is that of WithOwner.
func (e *Engine) LoadModel(ctx context.Context, m Model) (ModelInfo, error) {
	return e.loadModel(ctx, m, nil)
}

// loadModel also returns a *searchError if the model searches for one of the watched modules and
// distributions.
func (e *Engine) loadModel(ctx context.Context, m Model, watched []string) (ModelInfo, error) {
	a := e.newAdmission(ctx, ownerOf(ctx), Limits{})
	a.watched = watched
	defer a.cancel()
	l, err := a.acquireModel(m)
	if err != nil {
		return ModelInfo{}, err
	}
	defer a.release()
	defer e.models.release(l)
	return l.info, nil
}

// QueryModel runs one query in a cell of its own. It loads the model if necessary. Result.Body is
// the model's result as JSON, in which numbers that are not finite are Python's literals. It
// returns a *ScriptError with KindQueryBody or KindQuery, or an error of LoadModel or Evaluate.
func (e *Engine) QueryModel(ctx context.Context, m Model, c Call) (Result, error) {
	return e.queryModel(ctx, m, c, nil)
}

// queryModel also returns a *searchError, as loadModel does.
func (e *Engine) queryModel(ctx context.Context, m Model, c Call, watched []string) (Result, error) {
	a := e.newAdmission(ctx, c.Owner, c.Limits)
	a.watched = watched
	defer a.cancel()
	c.Grants = m.Grants
	l, err := a.acquireModel(m)
	if err != nil {
		return Result{}, err
	}
	return a.run(c, l.template, l.workers, func() {
		e.models.release(l)
		a.release()
	})
}

// ForgetModel drops the loaded models with this digest. Running calls finish. It does nothing if
// there is none.
func (e *Engine) ForgetModel(digest string) {
	_ = e.models.forget(func(k templateKey) bool { return k.digest == digest })
}

// TemplateStats returns the counters and gauges of loaded models, including those of engines that
// share the queue.
func (e *Engine) TemplateStats() TemplateStats { return e.models.currentStats() }

// acquireModel gets a permit and the model. While another call builds the model, it waits without a
// permit.
func (a *admission) acquireModel(m Model) (*loadedModel, error) {
	e, key := a.engine, a.engine.key(m)
	if err := e.models.waitForBuild(a.ctx, key); err != nil {
		if a.ctx.Err() != nil {
			err = a.limits.whileWaiting(e.countTimeout(err))
		}
		return nil, err
	}
	if err := a.wait(); err != nil {
		return nil, err
	}
	build := func(l *loadedModel) error { return e.build(a.ctx, m, a.watched, l) }
	l, err := e.models.acquire(a.ctx, key, build)
	if err == nil && l.files.Changed(a.ctx, m.Grants) {
		e.models.discard(l)
		l, err = e.models.acquire(a.ctx, key, build)
	}
	if err != nil {
		a.release()
	}
	return l, err
}
