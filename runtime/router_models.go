package runtime

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Models go to the smallest guest that can run them, as scripts do. The router does not search
// their code, which may be compiled. It loads the model in the small guest, and chooses the large
// one if the model searches for a module of it then or in a query. The choice is remembered until
// the model is forgotten.

// modelKey identifies a model by all that its load is given.
type modelKey struct{ digest, head string }

func (m Model) key() modelKey { return modelKey{m.Digest, m.head()} }

// LoadModel loads a model in the guest that it needs. It returns the errors of Engine.LoadModel,
// and a *PreparingError if the large guest is needed and not ready in time.
func (r *Router) LoadModel(ctx context.Context, m Model) (ModelInfo, error) {
	entered := time.Now()
	if !r.isLargeModel(m) {
		info, err := r.small.loadModel(ctx, m, r.watched(m.Grants))
		if searchedName(Result{}, err) == "" {
			return info, err
		}
		r.setLargeModel(m)
	}
	ctx, cancel := context.WithDeadlineCause(ctx, entered.Add(r.maxWait), ErrTimeout)
	defer cancel()
	large, err := r.waitForLarge(ctx, ownerOf(ctx))
	if err != nil {
		return ModelInfo{}, err
	}
	return large.LoadModel(ctx, m)
}

// QueryModel queries a model in the guest that it needs. It returns the errors of
// Engine.QueryModel, and a *PreparingError if the large guest is needed and not ready in time.
func (r *Router) QueryModel(ctx context.Context, m Model, c Call) (Result, error) {
	large := r.isLargeModel(m)
	c.Grants = m.Grants
	return r.route(ctx, c, large, func() { r.setLargeModel(m) }, func(ctx context.Context, e *Engine, watched []string) (Result, error) {
		return e.queryModel(ctx, m, c, watched)
	})
}

// ForgetModel drops the loaded models with this digest from both guests, which share one cache.
func (r *Router) ForgetModel(digest string) {
	r.small.ForgetModel(digest)
	r.models.removeIf(func(k modelKey) bool { return k.digest == digest })
}

// TemplateStats returns the counters and gauges of loaded models in both guests.
func (r *Router) TemplateStats() TemplateStats { return r.small.TemplateStats() }

// isLargeModel reports whether a model is known to need the large guest.
func (r *Router) isLargeModel(m Model) bool {
	return r.models.has(m.key()) || slices.ContainsFunc(m.Requires, r.isLargeOnly)
}

// isLargeOnly reports whether only the large guest has a module, which may be part of a package.
func (r *Router) isLargeOnly(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	return slices.Contains(r.names, top)
}

// setLargeModel records that a model needs the large guest, and drops it from the small one.
func (r *Router) setLargeModel(m Model) {
	r.models.add(m.key())
	r.small.ForgetModel(m.Digest)
}
