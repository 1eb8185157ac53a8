package wasmbin

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall

// machine runs modules. Its host functions are tabcell.tick, which counts, and host.double; host.seven is a constant global.
type machine struct {
	t         *testing.T
	r         wazero.Runtime
	ticks     int
	tickLimit int // the tick that stops the guest; 0 for never
}

var errStopped = errors.New("stopped by tick")

func newMachine(t *testing.T) *machine {
	t.Helper()
	ctx := context.Background()
	m := &machine{t: t, r: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(features))}
	t.Cleanup(func() { m.r.Close(ctx) })
	tick := m.r.NewHostModuleBuilder("tabcell").NewFunctionBuilder().WithFunc(func() {
		if m.ticks++; m.ticks == m.tickLimit {
			panic(errStopped)
		}
	}).Export("tick")
	double := m.r.NewHostModuleBuilder("host").NewFunctionBuilder().WithFunc(func(v uint32) uint32 { return 2 * v }).Export("double")
	for _, h := range []wazero.HostModuleBuilder{tick, double} {
		if _, err := h.Instantiate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	b := &builder{}
	b.export("seven", KindGlobal, b.global(i32, 0, constant(7)))
	m.instantiate(b.bytes(), "constants", nil)
	return m
}

// instantiate runs a module under a name ("" for none), with the stage that it imports, if any.
func (m *machine) instantiate(bin []byte, name string, stage api.Module) api.Module {
	m.t.Helper()
	ctx := context.Background()
	if stage != nil {
		ctx = experimental.WithImportResolver(ctx, func(name string) api.Module {
			if name == "stage" {
				return stage
			}
			return nil
		})
	}
	mod, err := m.r.InstantiateWithConfig(ctx, bin, wazero.NewModuleConfig().WithName(name))
	if err != nil {
		m.t.Fatal(err)
	}
	return mod
}

// prepared instantiates a prepared module and puts its data into memory.
func (m *machine) prepared(p *Prepared) api.Module {
	m.t.Helper()
	mod := m.instantiate(p.Code, "", nil)
	for _, s := range p.Data {
		if !mod.Memory().Write(s.Offset, s.Bytes) {
			m.t.Fatalf("no room for data at %d", s.Offset)
		}
	}
	return mod
}

func prepareOrFail(t testing.TB, bin []byte, o Options) *Prepared {
	t.Helper()
	if o.MaxPages == 0 {
		o.MaxPages = 100
	}
	original := bytes.Clone(bin)
	p, err := Prepare(bin, o)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bin, original) {
		t.Fatal("the original was changed")
	}
	return p
}

// invocation is a call of an exported function.
type invocation struct {
	name string
	args []uint64
}

func invoke(name string, args ...uint64) invocation { return invocation{name, args} }

// each calls a function of one parameter with every number from 0 up to n, and with the largest.
func each(name string, n uint64) (calls []invocation) {
	for i := range n {
		calls = append(calls, invoke(name, i))
	}
	return append(calls, invoke(name, 1<<32-1))
}

// compare makes the same calls of the original and of the prepared module and expects equal answers, and equal memory in the end.
func (m *machine) compare(bin []byte, p *Prepared, calls []invocation) {
	m.t.Helper()
	before, after := m.instantiate(bin, "", nil), m.prepared(p)
	traps := 0
	for _, c := range calls {
		want, wantErr := before.ExportedFunction(c.name).Call(context.Background(), c.args...)
		got, gotErr := after.ExportedFunction(c.name).Call(context.Background(), c.args...)
		if !slices.Equal(want, got) || (wantErr == nil) != (gotErr == nil) {
			m.t.Errorf("%s(%d) = %d, %v; the original answers %d, %v", c.name, c.args, got, gotErr, want, wantErr)
		}
		if wantErr != nil {
			traps++
		}
	}
	if traps == len(calls) {
		m.t.Error("all calls trap, nothing was compared")
	}
	if a, b := memory(before), memory(after); !bytes.Equal(a, b) {
		m.t.Errorf("memories of %d and %d bytes differ", len(a), len(b))
	}
}

func memory(mod api.Module) []byte {
	b, _ := mod.Memory().Read(0, mod.Memory().Size())
	return b
}
