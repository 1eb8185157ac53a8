package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"

	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/engineid"
	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/vfs"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
)

// start makes the template and runs a script in it. Only then are the files of an earlier start
// known to be good.
func (e *Engine) start(ctx context.Context, cfg Config, cache *codecache.Cache) (err error) {
	if e.template, err = snapshot.New(ctx, e.options(cfg, cache)); err != nil {
		return err
	}
	return e.openPool(ctx)
}

// openPool makes the pool of workers and runs a script in one of them. If the script fails, it
// closes the template.
func (e *Engine) openPool(ctx context.Context) (err error) {
	e.workers = pool.New(e.template, e.limits.Memory, e.queue.Permits())
	if err = e.check(ctx); err != nil {
		err = errors.Join(fmt.Errorf("the guest does not run scripts: %w", err), e.workers.Close(), e.template.Close(ctx))
	}
	return err
}

// check runs the first warm-up script in a cell. It returns an error if the script does not return
// a value.
func (e *Engine) check(ctx context.Context) error {
	w, err := e.workers.Get(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, DefaultTimeout, ErrTimeout)
	defer cancel()
	c := newCall(ctx, Call{Body: []byte(warmUps[0].body)}, DefaultLimits(), e.template.Interruption())
	if err = w.Instantiate(e.limits.Memory); err == nil {
		var status uint64
		status, err = w.Call(withCall(ctx, c))
		if err == nil && (status != 0 || c.kind != 0) {
			err = fmt.Errorf("status %d, reply of kind %d: %.200q", status, c.kind, c.reply)
		}
	}
	_, resetErr := e.workers.Put(w, e.verify)
	return errors.Join(err, resetErr)
}

// retryWithoutCache starts once more after a start failed with err, without the code bundle or the
// cached files that it used. If it used neither, err is returned.
func retryWithoutCache(ctx context.Context, cfg Config, cache *codecache.Cache, err error) (*Engine, error) {
	switch {
	case ctx.Err() != nil || !cache.FromBundle() && !cache.Used():
		return nil, errors.Join(err, cache.Close(ctx))
	case cache.FromBundle():
		err = errors.Join(err, cache.Close(ctx))
		codecache.WarnUnused(ctx, cfg.codeCache(), err)
		cfg.BundleDir = ""
	default:
		zerolog.Ctx(ctx).Warn().Err(err).Msg("the cached files of an earlier start cannot be used and are made again")
		if cacheErr := errors.Join(cache.Discard(), cache.Close(ctx)); cacheErr != nil {
			return nil, errors.Join(err, cacheErr)
		}
	}
	return New(ctx, cfg)
}

func (e *Engine) options(cfg Config, cache *codecache.Cache) snapshot.Options {
	source := newBootSource(cfg.Guest)
	return snapshot.Options{
		Wasm:        cfg.Guest.Wasm,
		Fuel:        fuel,
		MaxMemory:   e.limits.wholePages(),
		Cache:       cache.Wazero(),
		StartCache:  cache,
		Workers:     cmp.Or(cfg.CompileWorkers, goruntime.NumCPU()),
		Interpreter: cfg.AllowInterpreter,
		WarmUp:      len(warmUps),
		// wazero's defect is described in wasmbin. The patched engine does not have it.
		ReplaceRemainders: goruntime.GOARCH == "arm64" && engineid.Patches() == "",

		Host: func(ctx context.Context, r wazero.Runtime) error { return register(ctx, r, e.library) },
		Boot: func(ctx context.Context, n int, enter func(context.Context) error) error {
			return bootCall(ctx, source, n, enter)
		},
		Progress: cfg.progress(cache),
	}
}

// progress returns a function that passes the progress of a start on.
func (cfg Config) progress(cache *codecache.Cache) func(snapshot.Progress) {
	if cfg.Progress == nil {
		return nil
	}
	return func(p snapshot.Progress) {
		cfg.Progress(Progress{
			Guest: cfg.Guest.Name, Step: p.Step, Done: p.Done, Took: p.Took, Code: sourceOf(p, cache), Fraction: p.Fraction, Left: p.Left,
		})
	}
}

// sourceOf returns the source of the code at the end of the step that got it.
func sourceOf(p snapshot.Progress, cache *codecache.Cache) CodeSource {
	switch {
	case p.Done && p.Step == "compile":
		return CodeCompiled
	case p.Done && p.Step == "load" && cache.FromBundle():
		return CodeShipped
	case p.Done && p.Step == "load":
		return CodeCached
	}
	return ""
}

func newLibrary(ctx context.Context, cfg Config, cache *codecache.Cache) *vfs.Library {
	boot := map[string][]byte{"preload": []byte(strings.Join(cfg.Guest.Preload, " ")), "timezone": cfg.TimeZone}
	resources := cache.Library(cfg.Guest.LibraryDigest, cfg.Guest.Resources)
	return vfs.New(resources, cfg.Guest.Parts, boot, func(err error) {
		zerolog.Ctx(ctx).Error().Err(err).Msg("the library of the Python guest cannot be read; imports will fail")
	})
}
