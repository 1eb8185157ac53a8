package wasmbin

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// TestStubModule checks that stubs have the declarations of the original, that their functions
// trap, and that different modules have different stubs.
func TestStubModule(t *testing.T) {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall))
	defer r.Close(t.Context())
	for _, s := range samples {
		b := &builder{}
		s.build(b)
		bin := b.bytes()
		stub, err := StubModule(bin)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if _, err := r.CompileModule(t.Context(), stub); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		want, err := Inspect(bin)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Inspect(stub); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", s.name, got, err, want)
		}
		second, err := StubModule(stub)
		if err != nil || bytes.Equal(second, stub) {
			t.Errorf("%s: the stub of a stub is equal to it, error %v", s.name, err)
		}
	}
	m, err := r.Instantiate(t.Context(), func() []byte { b, _ := StubModule(oneFunction()); return b }())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.ExportedFunction("seven").Call(t.Context()); err == nil {
		t.Error("a function of a stub did not trap")
	}
}

// oneFunction returns a module with one function.
func oneFunction() []byte {
	b := &builder{}
	b.export("seven", KindFunc, b.function(b.typ("", i32), 0, byte(opI32Const), byte(7)))
	return b.bytes()
}

func FuzzStubModule(f *testing.F) {
	f.Add(oneFunction())
	f.Add([]byte(header))
	f.Add([]byte(header + "\x0a\x05\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, bin []byte) {
		if len(bin) > 1<<16 {
			return
		}
		if _, err := Inspect(bin); err != nil {
			return // StubModule is only used for modules that can be decoded
		}
		if _, err := StubModule(bin); err != nil {
			t.Skip("the code section is malformed, which Inspect does not check")
		}
	})
}
