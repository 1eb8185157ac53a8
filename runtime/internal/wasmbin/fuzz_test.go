package wasmbin

import (
	"bytes"
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
)

// seed adds the modules of the other tests to the corpus.
func seed(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte(header))
	f.Add(manyFeatures())
	f.Add(buildRuns())
	f.Add(buildEntries().bytes())
	for _, build := range []func(*builder){buildAccesses, buildRemainders} {
		b := &builder{}
		b.importFunc("tabcell", "tick", b.typ("", ""))
		build(b)
		f.Add(b.bytes())
	}
	f.Add(StageModule([]int{0, 1, 4}))
	for _, s := range samples {
		b := &builder{}
		b.importFunc("tabcell", "tick", b.typ("", ""))
		s.build(b)
		f.Add(b.bytes())
	}
}

// FuzzPrepare checks that Prepare does not panic, and that the engine accepts the prepared module
// if it accepts the original.
func FuzzPrepare(f *testing.F) {
	seed(f)
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(features))
	f.Cleanup(func() { r.Close(ctx) })
	compile := func(bin []byte) error {
		c, err := r.CompileModule(ctx, bin)
		if err == nil {
			err = c.Close(ctx)
		}
		return err
	}
	f.Fuzz(func(t *testing.T, bin []byte) {
		for _, o := range []Options{{MaxPages: 1000}, {MaxPages: 1000, Fuel: 10, TickModule: "tabcell", TickName: "tick"},
			{MaxPages: 1000, Fuel: 10, TickModule: "tabcell", TickName: "tick", Coalesce: true, ReplaceRemainders: true}} {
			p, err := Prepare(bin, o)
			if err != nil {
				continue
			}
			if hasCustomSection(bin) || compile(bin) != nil {
				continue // the engine does not check the counts in custom sections
			}
			if err := compile(p.Code); err != nil {
				t.Errorf("the engine accepts only the original module: %v", err)
			}
			if _, err := Inspect(p.Code); err != nil {
				t.Errorf("the prepared module cannot be inspected: %v", err)
			}
		}
	})
}

func hasCustomSection(bin []byte) bool {
	for r := (&reader{b: bin, p: len(header), end: len(bin)}); r.more(); r.part() {
		if r.u8() == secCustom {
			return true
		}
	}
	return false
}

// FuzzInspect checks that Inspect does not panic and does not change its input.
func FuzzInspect(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, bin []byte) {
		original := bytes.Clone(bin)
		info, err := Inspect(bin)
		if (info == nil) == (err == nil) {
			t.Errorf("Inspect returned %v and error %v, want one of them", info, err)
		}
		if !bytes.Equal(bin, original) {
			t.Error("Inspect changed its input")
		}
	})
}

// BenchmarkPrepare rewrites 5000 functions with loops and indirect calls, and as many slots.
func BenchmarkPrepare(b *testing.B) {
	m := &builder{}
	m.importFunc("tabcell", "tick", m.typ("", ""))
	typ := m.typ(i32, i32)
	m.memory(0, 1)
	m.table(5001)
	step := code(get(0), constant(1), op(opI32Sub, 0x22, 0, 0x28, 2, 4, 0x1a)) // count down and load
	var funcs []uint32
	for i := range 5000 {
		var body []byte
		for range 20 {
			body = append(body, step...)
		}
		funcs = append(funcs, m.function(typ, 2, op(opLoop, noResult), body, op(opEnd), get(0), constant(i), indirect(typ)))
	}
	m.elements(1, funcs...)
	bin := m.bytes()
	b.SetBytes(int64(len(bin)))
	b.ReportAllocs()
	for b.Loop() {
		prepareOrFail(b, bin, withFuel(1000))
	}
}
