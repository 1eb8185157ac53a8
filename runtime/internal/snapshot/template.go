package snapshot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/linmem"
	"tabcell/runtime/internal/wasmbin"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Template has everything that its cells share.
type Template struct {
	runtime     wazero.Runtime
	code, stage wazero.CompiledModule
	config      wazero.ModuleConfig
	prepared    *wasmbin.Prepared
	image       *linmem.Image
	// initial values of the module's globals, in the order of prepared.Globals
	initial      []uint64
	globals      []GlobalValue // those whose value in the image is not the initial one
	interruption guest.Interruption
	// if not nil, the template that this one is based on, which owns runtime and code
	base *Template
}

// New rewrites, compiles and boots the guest, and captures the image.
func New(ctx context.Context, o Options) (*Template, error) {
	t, r := newTemplate(), o.reporter()
	defer r.end()
	cached := make(chan cachedImage, 1)
	// Reading the image and the code takes long, so both are read at the same time.
	go func() { cached <- o.cachedImage() }()
	err := t.timedCompile(ctx, o, r)
	c := <-cached
	if err == nil {
		err = t.timedBoot(ctx, o, r, c)
	} else if c.image != nil {
		err = errors.Join(err, c.image.Close())
	}
	if err != nil {
		return nil, errors.Join(err, t.Close(context.WithoutCancel(ctx)))
	}
	return t, nil
}

// NewUnbooted does the part of New that makes memory executable. Boot must follow before the
// template is used.
func NewUnbooted(ctx context.Context, o Options) (*Template, error) {
	t, r := newTemplate(), o.reporter()
	defer r.end()
	if err := t.timedCompile(ctx, o, r); err != nil {
		return nil, errors.Join(err, t.Close(context.WithoutCancel(ctx)))
	}
	return t, nil
}

// Boot does the rest of New for a template that NewUnbooted has made with the same options. It must
// be called only once. After an error, the template can only be closed.
func (t *Template) Boot(ctx context.Context, o Options) error {
	r := o.reporter()
	defer r.end()
	return t.timedBoot(ctx, o, r, o.cachedImage())
}

// newTemplate returns a template without code. The source of random bytes is never read, because the
// guest's functions of WASI are the host's own; without one, wazero seeds a generator for each cell,
// which takes 10 us.
func newTemplate() *Template {
	return &Template{config: wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(rand.Reader)}
}

// timedCompile compiles or loads the code, and reports which of both it was.
func (t *Template) timedCompile(ctx context.Context, o Options, r *reporter) error {
	begun := time.Now()
	compiled, err := t.compile(ctx, o, r)
	if err != nil {
		return fmt.Errorf("snapshot: compile: %w", err)
	}
	r.done(map[bool]string{true: "compile", false: "load"}[compiled], time.Since(begun))
	return nil
}

func (t *Template) timedBoot(ctx context.Context, o Options, r *reporter, c cachedImage) error {
	begun := time.Now()
	r.meter.booting()
	r.begin("boot")
	if err := t.fill(ctx, o, c); err != nil {
		return fmt.Errorf("snapshot: boot: %w", err)
	}
	r.done("boot", time.Since(begun))
	return nil
}

// fill sets the image: the cached one if there is one, otherwise the one of a boot.
func (t *Template) fill(ctx context.Context, o Options, c cachedImage) error {
	if c.state != nil {
		return t.adopt(c)
	}
	debug.FreeOSMemory() // garbage of the compilation, as much as the boot takes on a small host
	if err := t.boot(ctx, o); err != nil {
		return err
	}
	if o.StartCache != nil {
		o.StartCache.SaveImage(t.State())
	}
	return nil
}

// compile reports whether the code was compiled, and not loaded.
func (t *Template) compile(ctx context.Context, o Options, r *reporter) (compiled bool, err error) {
	var native bool
	if t.runtime, native, err = newRuntime(ctx, o.Cache, o.Interpreter); err != nil {
		return false, err
	}
	if err := o.Host(ctx, t.runtime); err != nil {
		return false, err
	}
	if t.stage, err = t.runtime.CompileModule(ctx, wasmbin.StageModule([]int{0})); err != nil {
		return false, err
	}
	ctx = experimental.WithCompilationWorkers(ctx, o.Workers)
	load := func(code []byte) (wazero.CompiledModule, error) { return t.runtime.CompileModule(ctx, code) }
	compile := func(code []byte) (wazero.CompiledModule, error) {
		compiled = true
		r.meter.compiling()
		r.begin("compile")
		return t.runtime.CompileModule(countingContext{ctx, r.meter}, code)
	}
	rewrite := func() (*wasmbin.Prepared, error) {
		begun := time.Now()
		p, err := o.rewrite()
		if err == nil {
			r.meter.rewritten(len(p.Code), time.Since(begun))
		}
		return p, err
	}
	if o.StartCache == nil || !native { // an interpreter cannot run the functions of a stub
		err = t.compileUncached(rewrite, compile)
	} else if t.prepared, err = o.StartCache.Rewritten(rewrite); err == nil {
		t.code, err = o.StartCache.Compiled(t.prepared.Code, compile, load)
		if t.code == nil && err == nil {
			err = t.compileUncached(rewrite, func(code []byte) (wazero.CompiledModule, error) {
				return o.StartCache.Compiled(code, compile, load)
			})
		}
	}
	if err == nil {
		t.prepared.Code = nil
	}
	return compiled, err
}

func (t *Template) compileUncached(rewrite Rewrite, compile Compile) (err error) {
	if t.prepared, err = rewrite(); err == nil {
		t.code, err = compile(t.prepared.Code)
	}
	return err
}

// Image returns the memory that every cell starts from.
func (t *Template) Image() *linmem.Image { return t.image }

// Interruption returns the addresses of the interrupt words.
func (t *Template) Interruption() guest.Interruption { return t.interruption }

// Stage instantiates a stage. Its function calls the entry function of the cell that was created
// last with this stage.
func (t *Template) Stage(ctx context.Context) (api.Module, error) {
	return t.runtime.InstantiateModule(ctx, t.stage, t.config)
}

// Context returns a context for Instantiate. Cells that are created with it get their memory and
// their stage from the arguments.
func Context(memory experimental.MemoryAllocator, stage func() api.Module) context.Context {
	ctx := experimental.WithMemoryAllocator(context.Background(), memory)
	return experimental.WithImportResolver(ctx, func(name string) api.Module {
		if name == guest.StageModule {
			return stage()
		}
		return nil
	})
}

// Instantiate creates a cell. The context comes from Context, and its allocator must provide a slot
// that equals the image.
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

// Fuel returns the fuel that a cell has left before the next tick. It may be negative, because an
// instruction may cost more than the rest.
func (t *Template) Fuel(m api.Module) int32 {
	return int32(uint32(m.ExportedGlobal(t.prepared.FuelGlobal).Get()))
}

// Verify compares the memory size and the globals of a new cell with the image. Together with
// linmem.Slot.Verify it checks that the cell is a copy of the image.
func (t *Template) Verify(m api.Module) error {
	if uint64(m.Memory().Size()) != t.image.Size() {
		return fmt.Errorf("snapshot: a new cell has %d bytes of memory, the image has %d", m.Memory().Size(), t.image.Size())
	}
	for _, g := range t.globals {
		if got := m.ExportedGlobal(g.Name).Get(); got != g.Value {
			return fmt.Errorf("snapshot: global %s of a new cell is %#x, in the image it is %#x", g.Name, got, g.Value)
		}
	}
	return nil
}

// Close closes the engine and the image. For a template that is based on another one, it closes
// only the image. No cell may be running.
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
