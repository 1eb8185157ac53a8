package httpapi

import (
	"context"

	"tabcell/runtime"
)

// Evaluator runs the script of one request body; runtime.Engine is one. It must not keep the call's body, must return soon after ctx
// is done, and is called from many goroutines.
type Evaluator interface {
	Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error)
}

// Readiness tells whether scripts can be run: nil, or why not.
type Readiness interface {
	Ready() error
}

// Deps is what the API needs done by others.
type Deps struct {
	Evaluator Evaluator
	Readiness Readiness // nil: always ready
}
