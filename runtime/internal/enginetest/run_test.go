package enginetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tabcell/runtime/internal/engineid"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// garbage is set in the upper half of the i32 values that Go code passes to compiled modules, which
// must ignore it. The interpreter does not, and gets zeros.
const garbage = 0xdeadbeef << 32

const compiler = "compiler"

// engine runs modules, compiled or interpreted.
type engine struct {
	name    string
	runtime wazero.Runtime
}

// engines returns the compiler and the interpreter. Both have the host function env.host, which
// returns its argument, negated.
func engines(t *testing.T) []engine {
	t.Helper()
	all := []engine{
		{compiler, wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigCompiler())},
		{"interpreter", wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())},
	}
	for _, e := range all {
		t.Cleanup(func() { e.runtime.Close(context.Background()) })
		upper := uint64(0)
		if e.name == compiler {
			upper = garbage
		}
		host := api.GoFunc(func(_ context.Context, stack []uint64) { stack[0] = uint64(uint32(-int32(stack[0]))) | upper })
		_, err := e.runtime.NewHostModuleBuilder("env").NewFunctionBuilder().
			WithGoFunction(host, []api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32}).Export("host").Instantiate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// program is a module that both engines can instantiate. It and its instances are closed with the
// engines at the end of the test, or by close before.
type program struct {
	engines []engine
	codes   []wazero.CompiledModule
}

func compile(t *testing.T, all []engine, m *module) program {
	t.Helper()
	bin, p := m.encode(), program{engines: all}
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

// pair has the instances of a module: that of the compiler, and that of the interpreter.
type pair struct{ compiled, interpreted api.Module }

func (p program) instantiate(t *testing.T) pair {
	t.Helper()
	var instances []api.Module
	for i, e := range p.engines {
		instance, err := e.runtime.InstantiateModule(t.Context(), p.codes[i], wazero.NewModuleConfig().WithName(""))
		if err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		instances = append(instances, instance)
	}
	return pair{instances[0], instances[1]}
}

func (p pair) close(ctx context.Context) {
	p.compiled.Close(ctx)
	p.interpreted.Close(ctx)
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

// call calls a function of both instances and returns the outcome of the interpreter. It reports a
// different outcome of the compiler.
func (p pair) call(t *testing.T, name string, args ...uint64) outcome {
	t.Helper()
	got, want := invoke(t.Context(), p.compiled, name, args, garbage), invoke(t.Context(), p.interpreted, name, args, 0)
	if !got.equal(want) {
		t.Errorf("%s(%x) = %v, interpreted %v", name, args, got, want)
	}
	return want
}

// compareState compares the memories and the globals of both instances.
func (p pair) compareState(t *testing.T, globals int) {
	t.Helper()
	if p.compiled.Memory() != nil {
		a, _ := p.compiled.Memory().Read(0, p.compiled.Memory().Size())
		b, _ := p.interpreted.Memory().Read(0, p.interpreted.Memory().Size())
		if !bytes.Equal(a, b) {
			t.Errorf("the memories, of %d and %d bytes, differ", len(a), len(b))
		}
	}
	for i := range globals {
		a, b := p.compiled.ExportedGlobal(globalName(i)), p.interpreted.ExportedGlobal(globalName(i))
		if a.Get() != b.Get() {
			t.Errorf("global %d is %s, interpreted %s", i, a, b)
		}
	}
}

// patched reports whether the engine has patches.
func patched() bool { return engineid.Patches() != "" }
