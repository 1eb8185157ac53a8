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

// machine runs modules. It provides the host functions tabcell.tick, which counts its calls, and
// host.double, and the constant global constants.seven.
type machine struct {
	t         *testing.T
	r         wazero.Runtime
	ticks     int
	tickLimit int // number of the tick that stops the guest; 0 for none
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

// instantiate instantiates a module. The name may be empty. The stage is the module from which it
// imports its table, if any.
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

// prepared instantiates a prepared module and writes its data to memory.
func (m *machine) prepared(p *Prepared) api.Module {
	m.t.Helper()
	mod := m.instantiate(p.Code, "", nil)
	for _, s := range p.Data {
		if !mod.Memory().Write(s.Offset, s.Bytes) {
			m.t.Fatalf("the data at %d does not fit into the memory", s.Offset)
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
		t.Fatal("Prepare changed its input")
	}
	return p
}

// invocation is a call of an exported function.
type invocation struct {
	name string
	args []uint64
}

func invoke(name string, args ...uint64) invocation { return invocation{name, args} }

// forEach returns calls of a function with one parameter: with every number from 0 to n-1, and with
// the largest number.
func forEach(name string, n uint64) (calls []invocation) {
	for i := range n {
		calls = append(calls, invoke(name, i))
	}
	return append(calls, invoke(name, 1<<32-1))
}

// compare makes the same calls of the original and of the prepared module. Their results, and their
// memory at the end, must be equal.
func (m *machine) compare(bin []byte, p *Prepared, calls []invocation) {
	m.t.Helper()
	before, after := m.instantiate(bin, "", nil), m.prepared(p)
	traps := 0
	for _, c := range calls {
		want, wantErr := before.ExportedFunction(c.name).Call(context.Background(), c.args...)
		got, gotErr := after.ExportedFunction(c.name).Call(context.Background(), c.args...)
		if !slices.Equal(want, got) || (wantErr == nil) != (gotErr == nil) {
			m.t.Errorf("%s(%d) = %d, %v; the original returns %d, %v", c.name, c.args, got, gotErr, want, wantErr)
		}
		if wantErr != nil {
			traps++
		}
	}
	if traps == len(calls) {
		m.t.Error("all calls trapped, so no results were compared")
	}
	if a, b := memory(before), memory(after); !bytes.Equal(a, b) {
		m.t.Errorf("the memories, of %d and %d bytes, differ", len(a), len(b))
	}
}

func memory(mod api.Module) []byte {
	b, _ := mod.Memory().Read(0, mod.Memory().Size())
	return b
}
