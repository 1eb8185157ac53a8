package wasmbin

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// TestStubModule: declarations stay, functions trap, and other code gives another stand-in.
func TestStubModule(t *testing.T) {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall))
	defer r.Close(t.Context())
	for _, s := range samples {
		b := &builder{}
		s.build(b)
		bin := b.bytes()
		standIn, err := StubModule(bin)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if _, err := r.CompileModule(t.Context(), standIn); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		want, err := Inspect(bin)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Inspect(standIn); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", s.name, got, err, want)
		}
		again, err := StubModule(standIn)
		if err != nil || bytes.Equal(again, standIn) {
			t.Errorf("%s: the stand-in of a stand-in is the same, %v", s.name, err)
		}
	}
	m, err := r.Instantiate(t.Context(), func() []byte { b, _ := StubModule(sevens()); return b }())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.ExportedFunction("seven").Call(t.Context()); err == nil {
		t.Error("a function of a stand-in answers")
	}
}

// sevens is a module with one function.
func sevens() []byte {
	b := &builder{}
	b.export("seven", KindFunc, b.function(b.typ("", i32), 0, byte(opI32Const), byte(7)))
	return b.bytes()
}

func FuzzStandIn(f *testing.F) {
	f.Add(sevens())
	f.Add([]byte(header))
	f.Add([]byte(header + "\x0a\x05\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, bin []byte) {
		if len(bin) > 1<<16 {
			return
		}
		if _, err := Inspect(bin); err != nil {
			return // only decoded modules are given to it
		}
		if _, err := StubModule(bin); err != nil {
			t.Skip("code that no decoder has looked at yet")
		}
	})
}
