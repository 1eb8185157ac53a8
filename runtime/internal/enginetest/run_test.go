package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tabcell/runtime/internal/engineid"
	"tabcell/runtime/internal/linmem"
	"tabcell/runtime/internal/memguard"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// garbage is set in the upper half of the i32 values that Go code passes to compiled modules, which
// must ignore it. The interpreter does not, and gets zeros.
const garbage = 0xdeadbeef << 32

const (
	compiler    = "compiler"
	guarded     = "compiler with memory guards"
	interpreter = "interpreter"
)

// engine runs modules, compiled or interpreted.
type engine struct {
	name    string
	runtime wazero.Runtime
	ticks   *ticks
}

// ticks counts the calls of the host function tick, which panics at a limit other than 0.
type ticks struct{ count, limit int }

var errTicks = errors.New("too many ticks")

func (t *ticks) add(_ context.Context, m api.Module, _ []uint64) {
	if t.count++; t.count == t.limit {
		panic(errTicks)
	}
	m.Memory().WriteUint32Le(8, uint32(t.count))
}

// engines returns the interpreter and the compiler, also with memory guards where it has them. All
// have the host functions env.host, which returns its argument, negated, and env.tick, which counts.
func engines(t *testing.T) []engine {
	t.Helper()
	all := []engine{{name: interpreter}, {name: compiler}}
	if memguard.Supported() {
		all = append(all, engine{name: guarded})
	}
	for i := range all {
		e := &all[i]
		e.ticks, e.runtime = new(ticks), wazero.NewRuntimeWithConfig(t.Context(), configOf(e.name))
		t.Cleanup(func() { e.runtime.Close(context.Background()) })
		upper := uint64(garbage)
		if e.name == interpreter {
			upper = 0
		}
		host := api.GoFunc(func(_ context.Context, stack []uint64) { stack[0] = uint64(uint32(-int32(stack[0]))) | upper })
		_, err := e.runtime.NewHostModuleBuilder("env").NewFunctionBuilder().
			WithGoFunction(host, []api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32}).Export("host").
			NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(e.ticks.add), nil, nil).Export("tick").Instantiate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func configOf(engine string) wazero.RuntimeConfig {
	cfg := wazero.NewRuntimeConfigCompiler()
	switch engine {
	case interpreter:
		return wazero.NewRuntimeConfigInterpreter()
	case guarded:
		cfg = memguard.Config(cfg)
	}
	if patched, ok := cfg.(interface {
		WithTick(module, name string) (wazero.RuntimeConfig, bool)
	}); ok {
		if ticking, ok := patched.WithTick("env", "tick"); ok {
			return ticking
		}
	}
	return cfg
}

// program is a module that all engines can instantiate. It and its instances are closed with the
// engines at the end of the test, or by close before.
type program struct {
	engines  []engine
	codes    []wazero.CompiledModule
	minBytes uint64 // of the memory; 0 for none
}

func compile(t *testing.T, all []engine, m *module) program {
	t.Helper()
	bin, p := m.encode(), program{engines: all, minBytes: uint64(m.minPages) * page}
	for _, e := range all {
		code, err := e.runtime.CompileModule(t.Context(), bin)
		if err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		p.codes = append(p.codes, code)
	}
	return p
}

func (p program) close(ctx context.Context) {
	for _, code := range p.codes {
		code.Close(ctx)
	}
}

// instances are those of a module in all engines, in the same order.
type instances struct {
	engines []engine
	modules []api.Module
	free    func() error
}

func (p program) instantiate(t *testing.T) instances {
	t.Helper()
	all := instances{engines: p.engines, free: func() error { return nil }}
	for i, e := range p.engines {
		ctx := t.Context()
		if e.name == guarded && p.minBytes > 0 {
			ctx, all.free = withGuardedMemory(t, ctx, p.minBytes)
		}
		m, err := e.runtime.InstantiateModule(ctx, p.codes[i], wazero.NewModuleConfig().WithName(""))
		if err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		all.modules = append(all.modules, m)
	}
	return all
}

// withGuardedMemory returns a context with which an instance gets a guarded memory of zeros, and a
// function that frees the memory. The test frees it at its end.
func withGuardedMemory(t *testing.T, ctx context.Context, size uint64) (context.Context, func() error) {
	t.Helper()
	image, err := linmem.NewImageOf(size, nil)
	if err != nil {
		t.Fatal(err)
	}
	slot, err := image.NewSlot(linmem.MaxReserve)
	if err != nil {
		t.Fatal(err)
	}
	free := func() error { return errors.Join(slot.Close(), image.Close()) }
	t.Cleanup(func() {
		if err := free(); err != nil {
			t.Error(err)
		}
	})
	return experimental.WithMemoryAllocator(ctx, slot.NewLease(linmem.MaxReserve)), free
}

func (a instances) close(ctx context.Context) {
	for _, m := range a.modules {
		m.Close(ctx)
	}
	_ = a.free() // the end of the test reports an error
}

// eachMemory calls f with the memories of all instances.
func (a instances) eachMemory(f func(api.Memory)) {
	for _, m := range a.modules {
		f(m.Memory())
	}
}

// outcome is the result of a call.
type outcome struct {
	results []uint64
	err     string // the first line; "" for none
}

func (o outcome) String() string { return fmt.Sprintf("%x %s", o.results, o.err) }

func (o outcome) equal(other outcome) bool {
	return slices.Equal(o.results, other.results) && o.err == other.err
}

// invoke calls an exported function, on a new stack. upper is set in the upper half of i32
// parameters.
func invoke(ctx context.Context, m api.Module, name string, args []uint64, upper uint64) (o outcome) {
	f, args := m.ExportedFunction(name), slices.Clone(args)
	for i, t := range f.Definition().ParamTypes() {
		if t == api.ValueTypeI32 {
			args[i] |= upper
		}
	}
	results, err := f.Call(ctx, args...)
	if err != nil {
		o.err, _, _ = strings.Cut(err.Error(), "\n")
		return o
	}
	for i, t := range f.Definition().ResultTypes() {
		if t == api.ValueTypeI32 || t == api.ValueTypeF32 {
			results[i] = uint64(uint32(results[i]))
		}
	}
	o.results = results
	return o
}

// call calls a function of all instances and returns the outcome of the interpreter. It reports a
// different outcome of a compiler.
func (a instances) call(t *testing.T, name string, args ...uint64) outcome {
	t.Helper()
	want := invoke(t.Context(), a.modules[0], name, args, 0)
	for i, m := range a.modules[1:] {
		if got := invoke(t.Context(), m, name, args, garbage); !got.equal(want) {
			t.Errorf("%s: %s(%x) = %v, interpreted %v", a.engines[i+1].name, name, args, got, want)
		}
	}
	return want
}

// compareState compares the memories and the globals of all instances.
func (a instances) compareState(t *testing.T, globals int) {
	t.Helper()
	interpreted := a.modules[0]
	for n, m := range a.modules[1:] {
		name := a.engines[n+1].name
		if m.Memory() != nil {
			got, _ := m.Memory().Read(0, m.Memory().Size())
			want, _ := interpreted.Memory().Read(0, interpreted.Memory().Size())
			if !bytes.Equal(got, want) {
				t.Errorf("%s: the memories, of %d and %d bytes, differ", name, len(got), len(want))
			}
		}
		for i := range globals {
			got, want := m.ExportedGlobal(globalName(i)), interpreted.ExportedGlobal(globalName(i))
			if got.Get() != want.Get() {
				t.Errorf("%s: global %d is %s, interpreted %s", name, i, got, want)
			}
		}
	}
}

// patched reports whether the engine has patches.
func patched() bool { return engineid.Patches() != "" }
