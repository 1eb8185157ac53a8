package runtime

import (
	"context"
	"slices"
	"time"
)

// Models go to the smallest guest that can run them, as scripts do. Their code may be compiled, so it is not looked at: the small guest loads
// it, and what it misses then, or in a query, decides. The choice is remembered until the model is forgotten.

// LoadModel is the engine's. Errors besides: *BusyError when the large guest is needed and not ready in time.
func (r *Router) LoadModel(ctx context.Context, m Model) (ModelInfo, error) {
	entered := time.Now()
	if !r.isLarge(m) {
		info, missing, err := r.small.loadModel(ctx, m)
		if !slices.ContainsFunc(missing, r.only) && !r.wants(err) {
			return info, err
		}
		r.setLarge(m)
	}
	large, left, err := r.after(ctx, entered, r.patience)
	if err != nil {
		return ModelInfo{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, left, ErrTimeout)
	defer cancel()
	return large.LoadModel(ctx, m)
}

// QueryModel is the engine's. Errors besides: as LoadModel.
func (r *Router) QueryModel(ctx context.Context, m Model, c Call) (Result, error) {
	entered := time.Now()
	limit := narrow(c.Limits.Timeout, r.patience)
	if !r.isLarge(m) {
		result, err := r.querySmall(ctx, m, c)
		if !r.wants(err) || result.acted {
			return result, err
		}
		r.setLarge(m)
	}
	large, left, err := r.after(ctx, entered, limit)
	if err != nil {
		return Result{}, err
	}
	c.Limits.Timeout = left
	result, err := large.QueryModel(ctx, m, c)
	result.Timing.Queue += time.Since(entered) - result.Timing.whole()
	return result, err
}

// querySmall queries in the small guest, unless the model turns out to import what only the large one has.
func (r *Router) querySmall(ctx context.Context, m Model, c Call) (Result, error) {
	if r.small.models.known(r.small.key(m)) {
		return r.small.QueryModel(ctx, m, c)
	}
	_, missing, err := r.small.loadModel(ctx, m)
	for _, name := range missing {
		if r.only(name) {
			return Result{}, &ModelError{Class: noModule, Text: "No module named '" + name + "'"}
		}
	}
	if err != nil {
		return Result{}, err
	}
	return r.small.QueryModel(ctx, m, c)
}

// ForgetModel is the engine's, for both guests.
func (r *Router) ForgetModel(digest string) {
	r.small.ForgetModel(digest) // which knows what the large one has loaded
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.needLarge, digest)
}

// TemplateStats is the engine's; both guests share them.
func (r *Router) TemplateStats() TemplateStats { return r.small.TemplateStats() }

func (r *Router) isLarge(m Model) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.needLarge[m.Digest] || slices.ContainsFunc(m.Requires, r.only)
}

// setLarge also drops what the small guest has loaded of the model.
func (r *Router) setLarge(m Model) {
	r.mu.Lock()
	r.needLarge[m.Digest] = true
	r.mu.Unlock()
	r.small.ForgetModel(m.Digest)
}
