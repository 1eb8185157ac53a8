package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync/atomic"
	"time"

	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/vfs"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
)

// fuel is the number of loop headers and function entries that a guest passes between two checks of
// its deadline: about 50 us of Python.
const fuel = 10_000

// Engine evaluates scripts and queries models, each in a cell of its own. Its methods may be called
// from any goroutine.
type Engine struct {
	limits   Limits
	template *snapshot.Template
	queue    *pool.Queue
	workers  *pool.Pool
	models   *templateCache
	scripts  *scriptCache
	counts   counters
	verify   bool
}

type counters struct {
	calls, instances, timeouts, crashes, refused, pages, discarded, copied, fuel atomic.Uint64

	resetTime atomic.Int64 // nanoseconds
}

// NoExecutableMemoryError means that this process must not make memory executable, for example
// because of SELinux's deny_execmem or systemd's MemoryDenyWriteExecute.
type NoExecutableMemoryError = snapshot.NoExecutableMemoryError

// Probe compiles and calls a tiny module. It returns a *NoExecutableMemoryError if that is
// forbidden.
func Probe(ctx context.Context) error { return snapshot.Probe(ctx) }

// New compiles the guest or loads its code from the cache, boots it once and captures the image.
// The first start takes seconds; it ends early if ctx does. Returns a *NoExecutableMemoryError, or
// the reason why the guest cannot be used.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	e := &Engine{limits: cfg.Limits.withDefaults(), verify: cfg.Verify, scripts: newScriptCache()}
	if e.limits.Memory > MaxMemory {
		return nil, fmt.Errorf("a memory limit of %d bytes exceeds the maximum of %d; decrease TABCELL_MEMORY_LIMIT_MB",
			e.limits.Memory, uint64(MaxMemory))
	}
	cache, err := codecache.Open(ctx, cfg.codeCache())
	if err != nil {
		return nil, err
	}
	library := newLibrary(ctx, cfg.Guest)
	if err = e.start(ctx, cfg, cache, library); err != nil {
		return retryWithoutCache(ctx, cfg, cache, err)
	}
	if err := e.checkMemoryLimit(); err != nil {
		return nil, errors.Join(err, e.workers.Close(), e.template.Close(ctx), cache.Close(ctx))
	}
	if err := cache.WriteDigests(); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).
			Msg("the digests of the compiled code could not be stored; the next start compiles it again")
	}
	e.openQueue(cfg)
	go library.Load()         // before the first script needs it
	e.counts.instances.Add(1) // of the boot
	return e, nil
}

func newLibrary(ctx context.Context, g Guest) *vfs.Library {
	return vfs.New(g.Resources, g.Preload, func(err error) {
		zerolog.Ctx(ctx).Error().Err(err).Msg("the library of the Python guest cannot be read; imports will fail")
	})
}

func (e *Engine) checkMemoryLimit() error {
	if image := e.template.Image().Size(); e.limits.Memory < image {
		return fmt.Errorf("a memory limit of %d MB is too small: the interpreter and its libraries take %d MB; increase TABCELL_MEMORY_LIMIT_MB",
			e.limits.Memory>>20, image>>20+1)
	}
	return nil
}

func (e *Engine) openQueue(cfg Config) {
	if cfg.ShareQueueWith != nil {
		e.queue, e.models = cfg.ShareQueueWith.queue, cfg.ShareQueueWith.models
		return
	}
	e.queue = pool.NewQueue(cmp.Or(cfg.Concurrency, goruntime.NumCPU()), cmp.Or(cfg.Queue, DefaultQueue))
	e.models = newTemplateCache(cmp.Or(cfg.TemplateMemory, DefaultTemplateMemory))
}

// start makes the template and runs a script in it. Only then are the files of an earlier start
// known to be good.
func (e *Engine) start(ctx context.Context, cfg Config, cache *codecache.Cache, library *vfs.Library) (err error) {
	if e.template, err = snapshot.New(ctx, e.options(cfg, cache, library)); err != nil {
		return err
	}
	e.workers = pool.New(e.template, e.limits.Memory)
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
	c := newCall(ctx, Call{Body: []byte(warmUps[0])}, DefaultLimits(), e.template.Interruption())
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

func (e *Engine) options(cfg Config, cache *codecache.Cache, library *vfs.Library) snapshot.Options {
	progress := cfg.Progress
	if progress == nil {
		progress = func(Progress) {}
	}
	return snapshot.Options{
		Wasm:        cfg.Guest.Wasm,
		Fuel:        fuel,
		MaxMemory:   e.limits.wholePages(),
		Cache:       cache.Wazero(),
		StartCache:  cache,
		Workers:     cmp.Or(cfg.CompileWorkers, goruntime.NumCPU()),
		Interpreter: cfg.AllowInterpreter,
		WarmUp:      len(warmUps),
		Host:        func(ctx context.Context, r wazero.Runtime) error { return register(ctx, r, library) },
		Boot:        bootCall,
		Step: func(step string, done bool, took time.Duration) {
			warm := step == "compile" && cache.Warm()
			progress(Progress{Guest: cfg.Guest.Name, Step: step, Done: done, Warm: warm, Took: took})
		},
	}
}

// Stats returns the engine's counters and gauges.
func (e *Engine) Stats() Stats {
	c := &e.counts
	return Stats{
		Calls: c.calls.Load(), Instances: c.instances.Load(), Timeouts: c.timeouts.Load(),
		Crashes: c.crashes.Load(), Refused: c.refused.Load(), Pages: c.pages.Load(),
		ResetTime: time.Duration(c.resetTime.Load()), Copied: c.copied.Load(), Fuel: c.fuel.Load(),
		Running: e.queue.Running(), Waiting: e.queue.Waiting(), Slots: e.workers.Size(),
		DiscardedSlots: c.discarded.Load(),
	}
}

// Close refuses new calls, waits for the running ones, which their deadlines bound, and frees all
// resources. Engines that share a queue must be closed together: the first Close refuses the calls
// of all.
func (e *Engine) Close() error {
	e.queue.Close()
	ctx := context.Background()
	return errors.Join(
		e.queue.Drain(ctx),
		e.models.forget(func(k templateKey) bool { return k.engine == e }),
		e.workers.Close(),
		e.template.Close(ctx),
	)
}
