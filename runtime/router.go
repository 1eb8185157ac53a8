package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tabcell/runtime/internal/pysource"

	"github.com/rs/zerolog"
)

// Router sends each call to the smallest guest that can run it. The small guest serves from the
// start; the large one is loaded in the background.
//
// A script that imports a module which only the large guest has goes there at once. An import can
// be hidden from the router, and a script can search for a module without importing it. The run in
// the small guest therefore ends at the first search for such a module, and the script runs again
// in the large guest, as it does at once from then on. The first run is not visible, since nothing
// leaves a cell before its script ends.
//
// A script that has changed something on the server before the search, or has used a grant, does not
// run again, because that would repeat the change. Its result is that of the small guest. Once the
// large guest is loaded, scripts therefore go there before they use a grant.
type Router struct {
	small   *Engine
	names   []string      // top-level modules and distributions that only the large guest has
	maxWait time.Duration // of a call for the large guest

	load  func() (*Engine, error)
	ready *Prepared // if not nil, the large guest that load starts
	once  sync.Once // of load
	large *startup[*Engine]

	scripts *recentSet[scriptKey] // scripts that need the large guest
	models  *recentSet[modelKey]  // models that need it
}

// maxRemembered is the number of scripts, and of models, that a router knows to need the large
// guest.
const maxRemembered = 4096

// NewRouter routes between small and the engine that load makes. load runs when Load is called, or
// at the first call that needs the large guest. A script needs it if it searches for one of the
// names: top-level modules, and distributions in importlib.metadata's normalised form. If there are
// no names, all calls go to small.
func NewRouter(small *Engine, names []string, load func() (*Engine, error)) *Router {
	return &Router{
		small: small, names: names, maxWait: small.limits.Timeout,
		load: load, large: newStartup[*Engine](small.queue.Share(Owner{}), small.limits.Timeout),
		scripts: newRecentSet[scriptKey](maxRemembered), models: newRecentSet[modelKey](maxRemembered),
	}
}

// NewPreparedRouter returns a Router whose large guest is prepared. Its load makes no memory
// executable. The large engine shares the queue of the small one. ctx is the context of the load.
func NewPreparedRouter(ctx context.Context, small *Engine, names []string, large *Prepared) *Router {
	r := NewRouter(small, names, func() (*Engine, error) { return large.Start(ctx) })
	r.ready, large.cfg.ShareQueueWith = large, small
	return r
}

// Prepared reports whether the code of the large guest is mapped, even if the guest is not loaded.
func (r *Router) Prepared() bool { return r.ready != nil }

// Report takes the progress of the load of the large guest, from which the wait for it is
// estimated.
func (r *Router) Report(p Progress) { r.large.report(p) }

// Load loads the large guest on another goroutine, unless that has been done before.
func (r *Router) Load() {
	r.once.Do(func() {
		go func() {
			if e, err := r.load(); !r.large.finish(e, err) && e != nil {
				_ = e.Close() // the caller of Router.Close has its result already
			}
		}()
	})
}

// WaitLoaded waits until the large guest is loaded, or its load has failed. It does not load the
// guest. It returns ctx's cause if ctx ends before.
func (r *Router) WaitLoaded(ctx context.Context) error { return r.large.wait(ctx) }

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
// a *PreparingError if the large guest is needed and not ready in time.
func (r *Router) Evaluate(ctx context.Context, c Call) (Result, error) {
	large := r.isLargeScript(c)
	return r.route(ctx, c, large, func() { r.setLargeScript(c) }, func(ctx context.Context, e *Engine, watched []string) (Result, error) {
		return e.evaluate(ctx, c, watched)
	})
}

// route runs a call in the large guest, or else in the small one, and again in the large one if the
// call searched for a library that only that guest has. It calls remember before the second run.
// run runs the call in an engine, which watches for searches of the given names.
func (r *Router) route(
	ctx context.Context, c Call, large bool, remember func(), run func(context.Context, *Engine, []string) (Result, error),
) (Result, error) {
	entered := time.Now()
	if !large {
		result, err := run(ctx, r.small, r.watched(c.Grants))
		name := searchedName(result, err)
		if name != "" {
			remember()
		}
		if name == "" || result.searched != "" {
			return result, explainEffect(ctx, result, err)
		}
	}
	ctx, cancel := context.WithDeadlineCause(ctx, entered.Add(narrow(c.Limits.Timeout, r.maxWait)), ErrTimeout)
	defer cancel()
	engine, err := r.waitForLarge(ctx, c.Owner)
	if err != nil {
		return Result{}, err
	}
	result, err := run(ctx, engine, nil)
	result.Timing.Queue += time.Since(entered) - result.Timing.total()
	return result, err
}

// watched returns the names for whose search a call ends in the small guest. If the large guest is
// loaded, a call also ends before it uses a grant, because afterwards it must not run again.
func (r *Router) watched(g *Grants) []string {
	if g == nil || len(r.names) == 0 || !r.large.finished() || r.large.err != nil {
		return r.names
	}
	return append(slices.Clip(r.names), anyGrant)
}

// isLargeScript reports whether a script imports a module of the large guest, or searched for one
// the last time.
func (r *Router) isLargeScript(c Call) bool {
	if pysource.ImportsAny(c.Body, r.names) {
		return true
	}
	if r.scripts.len() == 0 {
		return false
	}
	script := pysource.Script(c.Body)
	return script != nil && r.scripts.has(newScriptKey(c.Account, 0, script))
}

// setLargeScript records that a script needs the large guest.
func (r *Router) setLargeScript(c Call) {
	if script := pysource.Script(c.Body); script != nil {
		r.scripts.add(newScriptKey(c.Account, 0, script))
	}
}

// searchedName returns the module or distribution of the large guest that a call searched for, or
// "".
func searchedName(result Result, err error) string {
	if search, ok := errors.AsType[*searchError](err); ok {
		return search.name
	}
	return result.searched
}

// explainEffect returns err, or an explanation if it is the import of a module that the script
// searched for after it had changed something on the server.
func explainEffect(ctx context.Context, result Result, err error) error {
	if result.searched == "" {
		return err
	}
	// GAP: the script is not repeated with the library
	zerolog.Ctx(ctx).Warn().Str("library", result.searched).Msg("a call changed an endpoint or used a grant before it searched for a library that was not loaded; " +
		"it was not repeated, and its result may differ from that of the next call, which has the library")
	if failed, ok := errors.AsType[*ScriptError](err); ok && strings.Contains(failed.Text, result.searched) {
		failed.Text += " (it was not loaded yet, and the script had already changed an endpoint or used a grant, so it was not repeated; the next call has the library)"
	}
	return err
}

// waitForLarge loads the large guest if necessary and waits for it. It returns a *PreparingError if
// the guest is not ready in time.
func (r *Router) waitForLarge(ctx context.Context, o Owner) (*Engine, error) {
	r.Load() // GAP: the first call that needs the libraries waits for them
	if err := r.large.admit(ctx, o); err == ErrTimeout {
		return nil, r.large.preparing()
	} else if err != nil {
		return nil, err
	}
	if r.large.err != nil {
		return nil, fmt.Errorf("%w: the libraries that the script needs could not be loaded: %w", ErrCrash, r.large.err)
	}
	return r.large.value, nil
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

// EndWaits ends the waits of calls for the large guest with ErrClosed.
func (r *Router) EndWaits() { r.large.endWaits() }

// Close closes both engines. It does not wait for a load that is running, because wazero compiles
// to the end if it has one worker: the load closes what it has made when it ends, and until then
// the cache does not trust its files.
func (r *Router) Close() error {
	var err error
	r.once.Do(func() { // nothing is loaded from now on
		r.large.finish(nil, ErrClosed)
		if r.ready != nil {
			err = r.ready.Close()
		}
	})
	if large, loaded := r.large.close(); loaded && large != nil {
		err = errors.Join(err, large.Close())
	}
	return errors.Join(err, r.small.Close())
}
