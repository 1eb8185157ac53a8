package runtime

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"tabcell/runtime/internal/pysource"
)

// Router sends each call to the smallest guest that can run it. The small guest serves from the
// start; the large one is loaded in the background.
//
// A script that imports a module which only the large guest has goes there at once. An import can
// be hidden from the router, so a script that fails in the small guest because of such a module
// runs again in the large one. The first run is not visible, since nothing leaves a cell before its
// script ends. A script that has changed something on the server does not run again.
type Router struct {
	small   *Engine
	modules []string      // top-level modules that only the large guest has
	maxWait time.Duration // of a call for the large guest

	load  func() (*Engine, error)
	once  sync.Once // of load
	large startup[*Engine]
	loads sync.WaitGroup

	mu        sync.Mutex
	needLarge map[string]bool // guarded by mu; digests of models that only the large guest can run
}

// NewRouter routes between small and the engine that load makes. load runs when Load is called, or
// at the first call that needs the large guest. A script needs it if it imports one of the modules,
// which are top-level names. If there are no modules, all calls go to small.
func NewRouter(small *Engine, modules []string, load func() (*Engine, error)) *Router {
	return &Router{
		small: small, modules: modules, maxWait: small.limits.Timeout,
		load: load, large: newStartup[*Engine](), needLarge: map[string]bool{},
	}
}

// Load loads the large guest on another goroutine, unless that has been done before.
func (r *Router) Load() {
	r.once.Do(func() {
		r.loads.Go(func() { r.large.finish(r.load()) })
	})
}

// Wait loads the large guest and waits until it is ready. It returns the error of load, or ctx's
// cause.
func (r *Router) Wait(ctx context.Context) error {
	r.Load()
	if err := r.large.wait(ctx); err != nil {
		return err
	}
	return r.large.err
}

// Evaluate runs a script in the guest that it needs. It returns the errors of Engine.Evaluate, and
// a *BusyError if the large guest is needed and not ready in time.
func (r *Router) Evaluate(ctx context.Context, c Call) (Result, error) {
	if len(r.modules) == 0 {
		return r.small.Evaluate(ctx, c)
	}
	entered := time.Now()
	if !pysource.ImportsAny(c.Body, r.modules) {
		result, err := r.small.Evaluate(ctx, c)
		if !r.needsLargeGuest(err) || result.hadEffect {
			return result, err
		}
	}
	large, remaining, err := r.waitForLarge(ctx, entered, narrow(c.Limits.Timeout, r.maxWait))
	if err != nil {
		return Result{}, err
	}
	c.Limits.Timeout = remaining
	result, err := large.Evaluate(ctx, c)
	result.Timing.Queue += time.Since(entered) - result.Timing.total()
	return result, err
}

const moduleNotFound = "ModuleNotFoundError"

var missingModule = regexp.MustCompile(`^No module named '([\w.]+)`)

// needsLargeGuest reports whether err is an import of a module that only the large guest has.
func (r *Router) needsLargeGuest(err error) bool {
	var class, text string
	if scriptErr, ok := errors.AsType[*ScriptError](err); ok {
		class, text = scriptErr.Class, scriptErr.Text
	} else if modelErr, ok := errors.AsType[*ModelError](err); ok {
		class, text = modelErr.Class, modelErr.Text
	}
	m := missingModule.FindStringSubmatch(text)
	return class == moduleNotFound && m != nil && r.isLargeOnly(m[1])
}

// isLargeOnly reports whether only the large guest has a module, which may be part of a package.
func (r *Router) isLargeOnly(name string) bool {
	top, _, _ := strings.Cut(name, ".")
	return slices.Contains(r.modules, top)
}

// errCompiling is the error of calls for which the large guest was not ready in time.
var errCompiling = &BusyError{
	RetryAfter: 10 * time.Second,
	Reason:     "The script needs libraries that are still being compiled, which is done once; please try again.",
}

// waitForLarge loads the large guest if necessary and waits for it, at most for limit. It also
// returns the rest of limit, which is the time that the call may take in all since it entered.
func (r *Router) waitForLarge(ctx context.Context, entered time.Time, limit time.Duration) (large *Engine, remaining time.Duration, err error) {
	r.Load()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errCompiling)
	defer cancel()
	if err := r.large.wait(ctx); err != nil {
		return nil, 0, err
	}
	if r.large.err != nil {
		return nil, 0, fmt.Errorf("%w: the guest with the libraries that the script needs could not be started: %w", ErrCrash, r.large.err)
	}
	return r.large.value, max(limit-time.Since(entered), time.Millisecond), nil
}

// Stats returns the sums of both guests' counters. They share one queue, and have slots of their
// own.
func (r *Router) Stats() Stats {
	s := r.small.Stats()
	if r.large.finished() && r.large.value != nil {
		s.add(r.large.value.Stats())
	}
	return s
}

// Close closes both engines. It waits for a load that is running, which should therefore end early.
func (r *Router) Close() error {
	r.once.Do(func() { r.large.finish(nil, ErrClosed) }) // nothing is loaded from now on
	r.loads.Wait()
	var err error
	if r.large.value != nil {
		err = r.large.value.Close()
	}
	return errors.Join(err, r.small.Close())
}
