package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/egress"
	_ "tabcell/runtime/internal/enginefix" // corrects the released wazero
	"tabcell/runtime/internal/engineid"
	"tabcell/runtime/internal/memguard"
	"tabcell/runtime/internal/pool"
	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/vfs"

	"github.com/rs/zerolog"
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
	network  *egress.Network
	workers  *pool.Pool
	models   *templateCache
	scripts  *scriptCache
	imports  *importSets
	counts   counters
	verify   bool
	library  *vfs.Library
	preload  *time.Timer       // of the library
	missing  map[string]string // reasons by module
}

type counters struct {
	calls, instances, timeouts, crashes, refused, pages, discarded, copied, fuel atomic.Uint64

	resetTime atomic.Int64 // nanoseconds
}

// NoExecutableMemoryError means that this process must not make memory executable, for example
// because of SELinux's deny_execmem or systemd's MemoryDenyWriteExecute.
type NoExecutableMemoryError = snapshot.NoExecutableMemoryError

// EngineName returns the name and the version of the WebAssembly engine, such as "wazero v1.12.0
// (stock)" or "wazero v1.12.0, patched 0123456789ab".
func EngineName() string { return engineid.Name() }

// EnginePatches returns the digest of the engine's patches (package cmd/dist), hexadecimal, or ""
// if it has none.
func EnginePatches() string { return engineid.Patches() }

// AddressSpaceLimited reports whether a limit of this process's address space keeps the engine from
// leaving bounds checks to the processor. Scripts are then slower, by about a sixth, and compiled code
// of processes without the limit is not used.
func AddressSpaceLimited() bool { return memguard.Limited() }

// Probe compiles and calls a tiny module. It returns a *NoExecutableMemoryError if that is
// forbidden.
func Probe(ctx context.Context) error { return snapshot.Probe(ctx) }

// New compiles the guest or loads its code from the cache, boots it once and captures the image.
// The first start takes seconds; it ends early if ctx does. Returns a *NoExecutableMemoryError, or
// the reason why the guest cannot be used.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	e, cache, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err = e.start(ctx, cfg, cache); err != nil {
		return retryWithoutCache(ctx, cfg, cache, err)
	}
	if err := e.checkMemoryLimit(); err != nil {
		return nil, errors.Join(err, e.workers.Close(), e.template.Close(ctx), cache.Close(ctx))
	}
	writeDigests(ctx, cache)
	e.serve(cfg)
	return e, nil
}

// open checks the limits and opens the cache. The engine cannot run scripts yet.
func open(ctx context.Context, cfg Config) (*Engine, *codecache.Cache, error) {
	e := &Engine{limits: cfg.Limits.withDefaults(), verify: cfg.Verify, scripts: newScriptCache(), missing: cfg.MissingModules}
	if e.limits.Memory > MaxMemory() {
		return nil, nil, fmt.Errorf("a memory limit of %d bytes exceeds the maximum of %d with this engine, %s; decrease TABCELL_MEMORY_LIMIT_MB",
			e.limits.Memory, MaxMemory(), EngineName())
	}
	cache, err := codecache.Open(ctx, cfg.codeCache())
	if err != nil {
		return nil, nil, err
	}
	e.library = newLibrary(ctx, cfg, cache)
	e.openQueue(cfg)
	e.imports = newImportSets(cfg.Guest.OnDemand, e.library)
	return e, cache, nil
}

func writeDigests(ctx context.Context, cache *codecache.Cache) {
	if err := cache.WriteDigests(); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).
			Msg("the digests of the compiled code could not be stored; the next start compiles it again")
	}
}

// preloadDelay is the time after which the library is unpacked, unless a script has needed it
// before. Until then, the rest of the start, such as that of the full guest, needs the processors.
const preloadDelay = time.Second

// serve makes the engine accept calls.
func (e *Engine) serve(cfg Config) {
	e.preload = time.AfterFunc(preloadDelay, e.library.Load)
	e.counts.instances.Add(1) // of the boot
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
		e.queue, e.models, e.network = cfg.ShareQueueWith.queue, cfg.ShareQueueWith.models, cfg.ShareQueueWith.network
		return
	}
	e.queue = pool.NewQueue(cmp.Or(cfg.Concurrency, DefaultConcurrency), cmp.Or(cfg.Queue, DefaultQueue))
	if cfg.Reserve {
		e.queue.AddReserve()
	}
	grants := cfg.Grants.WithDefaults(e.queue.Permits(), e.limits.Memory)
	e.queue.LimitSuspended(grants.Waiting, grants.WaitingMemory)
	e.network = egress.New(grants)
	e.models = newTemplateCache(cmp.Or(cfg.TemplateMemory, DefaultTemplateMemory))
}

// Stats returns the engine's counters and gauges.
func (e *Engine) Stats() Stats {
	c := &e.counts
	return Stats{
		Calls: c.calls.Load(), Instances: c.instances.Load(), Timeouts: c.timeouts.Load(),
		Crashes: c.crashes.Load(), Refused: c.refused.Load(), Pages: c.pages.Load(),
		ResetTime: time.Duration(c.resetTime.Load()), Copied: c.copied.Load(), Fuel: c.fuel.Load(),
		Running: e.queue.Running(), Waiting: e.queue.Waiting(), Suspended: e.queue.Suspended(), Slots: e.workers.Size(),
		Connections:    e.network.Open(),
		DiscardedSlots: c.discarded.Load(),
	}
}

// Close refuses new calls, waits for the running ones, which their deadlines bound, and frees all
// resources. Engines that share a queue must be closed together: the first Close refuses the calls
// of all.
func (e *Engine) Close() error {
	e.preload.Stop()
	e.queue.Close()
	ctx := context.Background()
	return errors.Join(
		e.queue.Drain(ctx),
		e.models.forget(func(k templateKey) bool { return k.engine == e }),
		e.workers.Close(),
		e.template.Close(ctx),
	)
}
