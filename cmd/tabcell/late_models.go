package main

import (
	"context"

	"tabcell/runtime"
)

// LoadModel is the engine's, after waiting for it.
func (l *lateEngine) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	if err := l.wait(ctx); err != nil {
		return runtime.ModelInfo{}, err
	}
	return l.engine.LoadModel(ctx, m)
}

// QueryModel is the engine's, after waiting for it.
func (l *lateEngine) QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error) {
	if err := l.wait(ctx); err != nil {
		return runtime.Result{}, err
	}
	return l.engine.QueryModel(ctx, m, c)
}

// TemplateStats are the engine's, as Stats.
func (l *lateEngine) TemplateStats() runtime.TemplateStats {
	if l.Ready() != nil {
		return runtime.TemplateStats{}
	}
	return l.engine.TemplateStats()
}

// ForgetModel is the engine's; before there is one, nothing is loaded.
func (l *lateEngine) ForgetModel(digest string) {
	if l.Ready() == nil {
		l.engine.ForgetModel(digest)
	}
}
