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

// Router sends each call to the smallest guest that can run it. The small one serves from the start; the large one is loaded behind it.
//
// A script that imports a module which only the large guest has goes there at once. Imports can hide, so a script that fails in the small guest for
// want of such a module runs again in the large one: nothing leaves a cell before it ends, so nobody can see the first run. One that had the server
// change something by then does not run again.
type Router struct {
	small    *Engine
	modules  []string      // top-level modules that only the large guest has
	patience time.Duration // how long a call may wait for the large guest

	load  func() (*Engine, error)
	once  sync.Once // of load
	large startup[*Engine]
	loads sync.WaitGroup

	mu        sync.Mutex
	needLarge map[string]bool // guarded by mu; digests of models that only the large guest can run
}

// NewRouter routes between small and the engine that load makes: at the first call that needs it, unless Load was called before. Scripts
// need it for the modules, top-level names; without any everything is small's.
func NewRouter(small *Engine, modules []string, load func() (*Engine, error)) *Router {
	return &Router{small: small, modules: modules, load: load, large: newStartup[*Engine](), patience: small.limits.Timeout, needLarge: map[string]bool{}}
}

// Load makes the large guest's engine, in a goroutine of its own.
func (r *Router) Load() {
	r.once.Do(func() {
		r.loads.Go(func() {
			r.large.finish(r.load())
		})
	})
}

// Wait loads the large guest and waits until it is there, or for the reason why it is not, or for ctx.
func (r *Router) Wait(ctx context.Context) error {
	r.Load()
	if err := r.large.wait(ctx); err != nil {
		return err
	}
	return r.large.err
}

// Evaluate is the engine's. Errors besides: *BusyError when the large guest is needed and not ready in time.
func (r *Router) Evaluate(ctx context.Context, c Call) (Result, error) {
	if len(r.modules) == 0 {
		return r.small.Evaluate(ctx, c)
	}
	entered := time.Now()
	if !pysource.ImportsAny(c.Body, r.modules) {
		result, err := r.small.Evaluate(ctx, c)
		if !r.wants(err) || result.acted {
			return result, err
		}
	}
	large, left, err := r.after(ctx, entered, narrow(c.Limits.Timeout, r.patience))
	if err != nil {
		return Result{}, err
	}
	c.Limits.Timeout = left
	result, err := large.Evaluate(ctx, c)
	result.Timing.Queue += time.Since(entered) - result.Timing.whole()
	return result, err
}

func (t Timing) whole() time.Duration { return t.Queue + t.Cell + t.Run + t.Copy }

const noModule = "ModuleNotFoundError"

var missingModule = regexp.MustCompile(`^No module named '([\w.]+)`)

// wants tells whether a script or model failed for want of a module that the large guest has.
func (r *Router) wants(err error) bool {
	var class, text string
	if told, ok := errors.AsType[*ScriptError](err); ok {
		class, text = told.Class, told.Text
	} else if told, ok := errors.AsType[*ModelError](err); ok {
		class, text = told.Class, told.Text
	}
	m := missingModule.FindStringSubmatch(text)
	return class == noModule && m != nil && r.only(m[1])
}

// only tells whether a module, or the package that it is of, is in the large guest alone.
func (r *Router) only(name string) bool {
	top, _, _ := strings.Cut(name, ".")
	return slices.Contains(r.modules, top)
}

// after waits for the large guest, for a call that entered then and may take so long in all; left is what is left of that.
func (r *Router) after(ctx context.Context, entered time.Time, limit time.Duration) (large *Engine, left time.Duration, err error) {
	large, err = r.await(ctx, limit)
	return large, max(limit-time.Since(entered), time.Millisecond), err
}

// errCompiling is the error of calls for which the large guest was not ready in time.
var errCompiling = &BusyError{
	RetryAfter: 10 * time.Second,
	Reason:     "The script needs libraries that are still being compiled, which is done once; please try again.",
}

// await waits for the large guest, for at most maxWait.
func (r *Router) await(ctx context.Context, maxWait time.Duration) (*Engine, error) {
	r.Load()
	ctx, cancel := context.WithTimeoutCause(ctx, maxWait, errCompiling)
	defer cancel()
	if err := r.large.wait(ctx); err != nil {
		return nil, err
	}
	if r.large.err != nil {
		return nil, fmt.Errorf("%w: the guest with the libraries that the script needs could not be started: %w", ErrCrash, r.large.err)
	}
	return r.large.value, nil
}

// Stats add up both guests'; places, queue and slots are shared or summed.
func (r *Router) Stats() Stats {
	s := r.small.Stats()
	if r.large.finished() && r.large.value != nil {
		s.add(r.large.value.Stats())
	}
	return s
}

func (s *Stats) add(o Stats) {
	s.Calls += o.Calls
	s.Instances += o.Instances
	s.Timeouts += o.Timeouts
	s.Crashes += o.Crashes
	s.Refused += o.Refused
	s.Pages += o.Pages
	s.DiscardedSlots += o.DiscardedSlots
	s.Slots += o.Slots
	s.ResetTime += o.ResetTime
	s.Copied += o.Copied
	s.Fuel += o.Fuel
}

// Close ends both engines, after a load that goes on: load should end early then.
func (r *Router) Close() error {
	r.once.Do(func() { // nothing is loaded any more
		r.large.finish(nil, ErrClosed)
	})
	r.loads.Wait()
	var err error
	if r.large.value != nil {
		err = r.large.value.Close()
	}
	return errors.Join(err, r.small.Close())
}
