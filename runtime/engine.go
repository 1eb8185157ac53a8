package runtime

import (
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

// fuel is how many loop headers and function entries a guest passes between two looks at its deadline: about 50 us of Python.
const fuel = 10_000

// Config says how an engine works. The zero value of each field but Guest is usable.
type Config struct {
	Guest       Guest
	Limits      Limits // zero fields: DefaultLimits
	Concurrency int    // cells that run at once; 0: one a core. More only makes all of them slower
	Queue       int    // calls that may wait; 0: 64. More are refused with ErrBusy
	CacheDir    string // private folder for compiled code; "": compile at each start
	// BundleDir is a folder made by WriteBundle, which is used instead of the cache if it fits Program; "": none. Program also lets the cache keep the
	// rewritten guest; without it the guest is rewritten at each start.
	BundleDir string
	Program   func() Program // nil: it is not known. Reading a file of 60 MB takes as long as what goes on beside it
	Progress  func(Progress) // hears of the start's long steps; nil: nobody
	// AllowInterpreter lets a host without executable memory run the guest by wazero's interpreter, up to 150 times slower.
	// Without it New fails there.
	AllowInterpreter bool
	// ShareQueueWith makes the engine share the places and the queue of another one; Concurrency and Queue are not looked at then.
	ShareQueueWith *Engine
	// Workers are the goroutines that compile; 0: one a core. A guest that is compiled while another serves gets one.
	CompileWorkers int
	// Templates bounds the memory that loaded models may take together, bytes; 0: 256 MiB. The least recently used are dropped beyond it,
	// and loaded again when they are queried. An engine that is ShareQueueWith another shares that one's.
	TemplateMemory uint64
	// Verify compares memory, globals and size with the image after every call, milliseconds each: for tests and diagnosis.
	Verify bool
}

// Engine evaluates scripts and queries models, each in a cell of its own. Its methods may be called from any goroutine.
type Engine struct {
	limits   Limits
	template *snapshot.Template
	queue    *pool.Queue
	workers  *pool.Pool
	models   *templates
	scripts  *scripts
	counts   counters
	verify   bool
}

type counters struct {
	calls, instances, timeouts, crashes, refused, pages, unclean, copied, fuel atomic.Uint64
	restoring                                                                  atomic.Int64 // nanoseconds
}

// NoExecutableMemoryError: this process may not turn memory into code (SELinux deny_execmem, systemd MemoryDenyWriteExecute).
type NoExecutableMemoryError = snapshot.NoExecutableMemoryError

// Probe compiles and calls a tiny module; *NoExecutableMemoryError where that is forbidden.
func Probe(ctx context.Context) error { return snapshot.Probe(ctx) }

// New compiles the guest (or loads it from the cache), boots it once and captures the image. It takes seconds the first time, and
// ends early with ctx. Errors: *NoExecutableMemoryError, or what is wrong with the guest.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	e := &Engine{limits: cfg.Limits.filled(), verify: cfg.Verify, scripts: newScripts()}
	if e.limits.Memory > MaxMemory {
		return nil, fmt.Errorf("runtime: a memory limit of %d bytes is more than the engine can address (%d)", e.limits.Memory, uint64(MaxMemory))
	}
	cache, err := codecache.Open(ctx, cfg.codeCache())
	if err != nil {
		return nil, err
	}
	library := newLibrary(ctx, cfg.Guest)
	if err = e.start(ctx, cfg, cache, library); err != nil {
		return again(ctx, cfg, cache, err)
	}
	if image := e.template.Image().Size(); e.limits.Memory < image {
		err := fmt.Errorf("runtime: a memory limit of %d MB is too small: the interpreter and its libraries take %d MB", e.limits.Memory>>20, image>>20+1)
		return nil, errors.Join(err, e.workers.Close(), e.template.Close(ctx), cache.Close(ctx))
	}
	if err := cache.WriteDigests(); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("the compilation cache could not be sealed: the next start compiles again")
	}
	if cfg.ShareQueueWith != nil {
		e.queue, e.models = cfg.ShareQueueWith.queue, cfg.ShareQueueWith.models
	} else {
		e.queue = pool.NewQueue(orDefault(cfg.Concurrency, goruntime.NumCPU()), orDefault(cfg.Queue, DefaultQueue))
		e.models = newTemplates(orDefault(cfg.TemplateMemory, uint64(DefaultTemplateMemory)))
	}
	go library.Load()         // before a script needs it
	e.counts.instances.Add(1) // the boot's
	return e, nil
}

// start makes the template and tries it: what was kept by an earlier start is believed when a script has run in it.
func (e *Engine) start(ctx context.Context, cfg Config, cache *codecache.Cache, library *vfs.Library) (err error) {
	if e.template, err = snapshot.New(ctx, e.options(cfg, cache, library)); err != nil {
		return err
	}
	e.workers = pool.New(e.template, e.limits.Memory)
	if err = e.try(ctx); err != nil {
		err = errors.Join(fmt.Errorf("runtime: the guest does not answer: %w", err), e.workers.Close(), e.template.Close(ctx))
	}
	return err
}

// try runs the first warm-up in a cell, whose answer must be a value.
func (e *Engine) try(ctx context.Context) error {
	w, err := e.workers.Get(ctx)
	if err != nil {
		return err
	}
	ctx, end := context.WithTimeoutCause(ctx, DefaultTimeout, ErrTimeout)
	defer end()
	c := newCall(ctx, Call{Body: []byte(warmUps[0])}, DefaultLimits(), e.template.Interruption())
	if err = w.Instantiate(e.limits.Memory); err == nil {
		var status uint64
		status, err = w.Call(withCall(ctx, c))
		if err == nil && (status != 0 || c.kind != 0) {
			err = fmt.Errorf("status %d, an answer of kind %d: %.200q", status, c.kind, c.reply)
		}
	}
	_, restored := e.workers.Put(w, e.verify)
	return errors.Join(err, restored)
}

// again starts once more without what spoilt a start: what was shipped, or what an earlier start kept.
func again(ctx context.Context, cfg Config, cache *codecache.Cache, err error) (*Engine, error) {
	switch {
	case ctx.Err() != nil || !cache.FromBundle() && !cache.Used():
		return nil, errors.Join(err, cache.Close(ctx))
	case cache.FromBundle():
		err = errors.Join(err, cache.Close(ctx))
		codecache.WarnUnused(ctx, cfg.codeCache(), err)
		cfg.BundleDir = ""
	default:
		zerolog.Ctx(ctx).Warn().Err(err).Msg("what was kept of an earlier start is of no use, and is made anew")
		if failed := errors.Join(cache.Discard(), cache.Close(ctx)); failed != nil {
			return nil, errors.Join(err, failed)
		}
	}
	return New(ctx, cfg)
}

func newLibrary(ctx context.Context, g Guest) *vfs.Library {
	return vfs.New(g.Resources, g.Preload, func(err error) {
		zerolog.Ctx(ctx).Error().Err(err).Msg("the library of the Python guest cannot be read: imports will fail")
	})
}

func (e *Engine) options(cfg Config, cache *codecache.Cache, library *vfs.Library) snapshot.Options {
	progress := cfg.Progress
	if progress == nil {
		progress = func(Progress) {}
	}
	return snapshot.Options{
		Wasm:        cfg.Guest.Wasm,
		Fuel:        fuel,
		MaxMemory:   e.limits.pages(),
		Cache:       cache.Wazero(),
		StartCache:  cache,
		Workers:     orDefault(cfg.CompileWorkers, goruntime.NumCPU()),
		Interpreter: cfg.AllowInterpreter,
		WarmUp:      len(warmUps),
		Host:        func(ctx context.Context, r wazero.Runtime) error { return register(ctx, r, library) },
		Boot:        bootCall,
		Step: func(step string, done bool, took time.Duration) {
			progress(Progress{Guest: cfg.Guest.Name, Step: step, Done: done, Warm: step == "compile" && cache.Warm(), Took: took})
		},
	}
}

// Stats are the engine's counters and gauges.
func (e *Engine) Stats() Stats {
	return Stats{
		Calls: e.counts.calls.Load(), Instances: e.counts.instances.Load(), Timeouts: e.counts.timeouts.Load(),
		Crashes: e.counts.crashes.Load(), Refused: e.counts.refused.Load(), Pages: e.counts.pages.Load(), DiscardedSlots: e.counts.unclean.Load(),
		ResetTime: time.Duration(e.counts.restoring.Load()), Copied: e.counts.copied.Load(), Fuel: e.counts.fuel.Load(),
		Running: e.queue.Running(), Waiting: e.queue.Waiting(), Slots: e.workers.Size(),
	}
}

// Close refuses new calls, waits for those that run (their deadlines bound it), and frees everything. Engines that share a queue are
// closed together: the first Close ends the service of all.
func (e *Engine) Close() error {
	e.queue.Close()
	ctx := context.Background()
	return errors.Join(e.queue.Drain(ctx), e.models.forget(func(k templateKey) bool { return k.engine == e }), e.workers.Close(), e.template.Close(ctx))
}
