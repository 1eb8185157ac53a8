package snapshot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"
	"tabcell/runtime/internal/wasmbin"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Options of a template.
type Options struct {
	Wasm        func() ([]byte, error)                                        // the guest as built
	Fuel        int32                                                         // loop headers and function entries between two ticks
	MaxMemory   uint64                                                        // bytes; the largest cap that a cell may have
	Cache       wazero.CompilationCache                                       // nil: compile anew at each start
	StartCache  StartCache                                                    // nil, or what earlier starts left
	Interpreter bool                                                          // run without executable memory, slowly
	Workers     int                                                           // goroutines that compile
	Host        func(context.Context, wazero.Runtime) error                   // registers the host modules
	Boot        func(context.Context, int, func(context.Context) error) error // wraps each entry of the boot; warm-ups have their number, others -1
	WarmUp      int                                                           // evaluations before the image is captured
	Step        func(step string, done bool, took time.Duration)              // tells of long steps
}

// Retained is what earlier starts left, and where this one leaves something.
type StartCache interface {
	// Rewritten is the outcome of rewriting, known or made by rewrite. Its code may be a stand-in (wasmbin.StubModule) that Compiled knows.
	Rewritten(rewrite Rewrite) (*wasmbin.Prepared, error)
	// Compiled is the compiled code of a module, known or made by compile; nil when it is for a stand-in, of which nothing fits any more.
	Compiled(code []byte, compile Compile) (wazero.CompiledModule, error)
	// Image is what an earlier boot left; nil: boot. It is called beside the others.
	Image() *State
	// SaveImage hears of a boot.
	SaveImage(State)
}

// Rewrite makes the guest what is compiled.
type Rewrite = func() (*wasmbin.Prepared, error)

// Compile compiles a module.
type Compile = func(code []byte) (wazero.CompiledModule, error)

// Template is what all cells share.
type Template struct {
	runtime      wazero.Runtime
	code, stage  wazero.CompiledModule
	config       wazero.ModuleConfig
	prepared     *wasmbin.Prepared
	image        *linmem.Image
	initial      []uint64      // the module's own values of its globals
	globals      []GlobalValue // those whose value in the image is another
	interruption guest.Interruption
	base         *Template // nil, or what this template was loaded over; its runtime and code are the base's
}

// maxPages is the compiled module's own maximum: nearly all that 32 bits address. A cell's cap is its lease's, which notes a refusal; and
// the compiled code does not depend on settings.
const maxPages = 1<<16 - 16

// New rewrites, compiles and boots the guest, and captures the image.
func New(ctx context.Context, o Options) (*Template, error) {
	t := &Template{config: wazero.NewModuleConfig().WithName("").WithStartFunctions()}
	kept := make(chan restored, 1)
	go func() { kept <- o.restored() }() // beside the code: both are long reads
	err := t.timed(o, "compile", func() error { return t.compile(ctx, o) })
	r := <-kept
	if err == nil {
		err = t.timed(o, "boot", func() error { return t.fill(ctx, o, r) })
	} else if r.image != nil {
		err = errors.Join(err, r.image.Close())
	}
	if err != nil {
		return nil, errors.Join(err, t.Close(context.WithoutCancel(ctx)))
	}
	return t, nil
}

func (t *Template) timed(o Options, step string, f func() error) error {
	started := time.Now()
	o.Step(step, false, 0)
	if err := f(); err != nil {
		return fmt.Errorf("snapshot: %s: %w", step, err)
	}
	o.Step(step, true, time.Since(started))
	return nil
}

func (o Options) rewrite() (*wasmbin.Prepared, error) {
	wasm, err := o.Wasm()
	if err == nil {
		err = check(wasm)
	}
	if err != nil {
		return nil, err
	}
	return wasmbin.Prepare(wasm, wasmbin.Options{
		Entries:    []string{guest.Evaluate},
		TickModule: guest.HostModule, TickName: guest.Tick,
		Fuel:     o.Fuel,
		MaxPages: maxPages,
		Coalesce: true,
	})
}

// fill gives the template its image: the one that was kept, or that of a boot.
func (t *Template) fill(ctx context.Context, o Options, kept restored) error {
	if kept.state != nil {
		return t.restore(kept)
	}
	if err := t.boot(ctx, o); err != nil {
		return err
	}
	if o.StartCache != nil {
		o.StartCache.SaveImage(t.State())
	}
	return nil
}

func (t *Template) compile(ctx context.Context, o Options) (err error) {
	var native bool
	if t.runtime, native, err = newRuntime(ctx, o.Cache, o.Interpreter); err != nil {
		return err
	}
	if err := o.Host(ctx, t.runtime); err != nil {
		return err
	}
	if t.stage, err = t.runtime.CompileModule(ctx, wasmbin.StageModule([]int{0})); err != nil {
		return err
	}
	ctx = experimental.WithCompilationWorkers(ctx, o.Workers)
	compile := func(code []byte) (wazero.CompiledModule, error) { return t.runtime.CompileModule(ctx, code) }
	if o.StartCache == nil || !native { // an interpreter could do nothing with a stand-in
		err = t.compileAnew(o, compile)
	} else if t.prepared, err = o.StartCache.Rewritten(o.rewrite); err == nil {
		t.code, err = o.StartCache.Compiled(t.prepared.Code, compile)
		if t.code == nil && err == nil {
			err = t.compileAnew(o, func(code []byte) (wazero.CompiledModule, error) { return o.StartCache.Compiled(code, compile) })
		}
	}
	if err == nil {
		t.prepared.Code = nil
	}
	return err
}

func (t *Template) compileAnew(o Options, compile Compile) (err error) {
	if t.prepared, err = o.rewrite(); err == nil {
		t.code, err = compile(t.prepared.Code)
	}
	return err
}

// Image is the memory that every cell starts from.
func (t *Template) Image() *linmem.Image { return t.image }

// Interruption tells where the interrupt words are.
func (t *Template) Interruption() guest.Interruption { return t.interruption }

// Stage instantiates a stage; its function calls the entry of the instance that was made last for it.
func (t *Template) Stage(ctx context.Context) (api.Module, error) {
	return t.runtime.InstantiateModule(ctx, t.stage, t.config)
}

// Context is the context to instantiate cells with: it finds their memory and their stage.
func Context(memory experimental.MemoryAllocator, stage func() api.Module) context.Context {
	ctx := experimental.WithMemoryAllocator(context.Background(), memory)
	return experimental.WithImportResolver(ctx, func(name string) api.Module {
		if name == guest.StageModule {
			return stage()
		}
		return nil
	})
}

// Instantiate makes a fresh instance; ctx comes from Context, its allocator lends a clean slot of the image.
func (t *Template) Instantiate(ctx context.Context) (api.Module, error) {
	m, err := t.runtime.InstantiateModule(ctx, t.code, t.config)
	if err != nil {
		return nil, err
	}
	for _, g := range t.globals {
		m.ExportedGlobal(g.Name).(api.MutableGlobal).Set(g.Value)
	}
	return m, nil
}

// Fuel is what an instance has left before the next tick; the price of what ran it out may make it negative.
func (t *Template) Fuel(m api.Module) int32 {
	return int32(uint32(m.ExportedGlobal(t.prepared.FuelGlobal).Get()))
}

// Verify compares a fresh instance's size and globals with the image's: what the debug mode adds to the slot's own comparison.
func (t *Template) Verify(m api.Module) error {
	if uint64(m.Memory().Size()) != t.image.Size() {
		return fmt.Errorf("snapshot: a fresh instance has %d bytes of memory, the image %d", m.Memory().Size(), t.image.Size())
	}
	for _, g := range t.globals {
		if got := m.ExportedGlobal(g.Name).Get(); got != g.Value {
			return fmt.Errorf("snapshot: global %s of a fresh instance is %#x, in the image %#x", g.Name, got, g.Value)
		}
	}
	return nil
}

// Close ends the engine; of a template over another only its image. No cell may run.
func (t *Template) Close(ctx context.Context) error {
	var errs []error
	if t.runtime != nil && t.base == nil {
		errs = append(errs, t.runtime.Close(ctx))
	}
	if t.image != nil {
		errs = append(errs, t.image.Close())
	}
	return errors.Join(errs...)
}
