package runtime

import (
	"context"
	"slices"
	"time"
)

// Models go to the smallest guest that can run them, as scripts do. The router does not search
// their code, which may be compiled. It loads the model in the small guest, and chooses the large
// one if a module is missing then or in a query. The choice is remembered until the model is
// forgotten.

// LoadModel loads a model in the guest that it needs. It returns the errors of Engine.LoadModel,
// and a *BusyError if the large guest is needed and not ready in time.
func (r *Router) LoadModel(ctx context.Context, m Model) (ModelInfo, error) {
	entered := time.Now()
	if !r.isLargeModel(m) {
		info, missing, err := r.small.loadModel(ctx, m)
		if !slices.ContainsFunc(missing, r.isLargeOnly) && !r.needsLargeGuest(err) {
			return info, err
		}
		r.setLargeModel(m)
	}
	large, remaining, err := r.waitForLarge(ctx, entered, r.maxWait)
	if err != nil {
		return ModelInfo{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, remaining, ErrTimeout)
	defer cancel()
	return large.LoadModel(ctx, m)
}

// QueryModel queries a model in the guest that it needs. It returns the errors of
// Engine.QueryModel, and a *BusyError if the large guest is needed and not ready in time.
func (r *Router) QueryModel(ctx context.Context, m Model, c Call) (Result, error) {
	entered := time.Now()
	if !r.isLargeModel(m) {
		result, err := r.querySmall(ctx, m, c)
		if !r.needsLargeGuest(err) || result.hadEffect {
			return result, err
		}
		r.setLargeModel(m)
	}
	large, remaining, err := r.waitForLarge(ctx, entered, narrow(c.Limits.Timeout, r.maxWait))
	if err != nil {
		return Result{}, err
	}
	c.Limits.Timeout = remaining
	result, err := large.QueryModel(ctx, m, c)
	result.Timing.Queue += time.Since(entered) - result.Timing.total()
	return result, err
}

// querySmall queries a model in the small guest. It returns a *ModelError if the model imports a
// module that only the large guest has.
func (r *Router) querySmall(ctx context.Context, m Model, c Call) (Result, error) {
	if r.small.models.has(r.small.key(m)) {
		return r.small.QueryModel(ctx, m, c)
	}
	_, missing, err := r.small.loadModel(ctx, m)
	for _, name := range missing {
		if r.isLargeOnly(name) {
			return Result{}, &ModelError{Class: moduleNotFound, Text: "No module named '" + name + "'"}
		}
	}
	if err != nil {
		return Result{}, err
	}
	return r.small.QueryModel(ctx, m, c)
}

// ForgetModel drops the loaded models with this digest from both guests, which share one cache.
func (r *Router) ForgetModel(digest string) {
	r.small.ForgetModel(digest)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.needLarge, digest)
}

// TemplateStats returns the counters and gauges of loaded models in both guests.
func (r *Router) TemplateStats() TemplateStats { return r.small.TemplateStats() }

// isLargeModel reports whether a model is known to need the large guest.
func (r *Router) isLargeModel(m Model) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.needLarge[m.Digest] || slices.ContainsFunc(m.Requires, r.isLargeOnly)
}

// setLargeModel records that a model needs the large guest, and drops it from the small one.
func (r *Router) setLargeModel(m Model) {
	r.mu.Lock()
	r.needLarge[m.Digest] = true
	r.mu.Unlock()
	r.small.ForgetModel(m.Digest)
}
