package harness

import (
	"context"

	"tabcell/runtime"
)

// limitedEvaluator is a shared evaluator with the limits of one server. Close does not close the
// shared evaluator.
type limitedEvaluator struct {
	engine runtime.Evaluator
	limits runtime.Limits
}

func (l limitedEvaluator) Evaluate(ctx context.Context, c runtime.Call) (runtime.Result, error) {
	c.Limits = l.limits
	return l.engine.Evaluate(ctx, c)
}

func (l limitedEvaluator) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	return l.engine.LoadModel(ctx, m)
}

func (l limitedEvaluator) QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error) {
	c.Limits = l.limits
	return l.engine.QueryModel(ctx, m, c)
}

func (l limitedEvaluator) ForgetModel(digest string) { l.engine.ForgetModel(digest) }

func (l limitedEvaluator) Stats() runtime.Stats { return l.engine.Stats() }

func (l limitedEvaluator) TemplateStats() runtime.TemplateStats { return l.engine.TemplateStats() }

func (limitedEvaluator) Close() error { return nil }
