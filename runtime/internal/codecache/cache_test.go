package codecache

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/wasmbin"

	"github.com/tetratelabs/wazero"
)

// oneFunction is (module (func (export "f"))).
var oneFunction = []byte{0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0, 10, 4, 1, 2, 0, 0x0b}

// rewritten opens the cache in dir for a start and tells how often the guest had to be rewritten.
func rewritten(t *testing.T, dir, program string) int {
	t.Helper()
	n := 0
	want := &wasmbin.Prepared{Code: oneFunction, Data: []wasmbin.Segment{{Offset: 8, Bytes: []byte("data")}}, MinPages: 3, Params: []int{0},
		Globals: []string{"g", "fuel"}, FuelGlobal: "fuel", Stats: wasmbin.Stats{Functions: 5}}
	c, err := openCache(t.Context(), dir, "guest")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	got, err := c.prepared(t.Context(), program, func() (*wasmbin.Prepared, error) { n++; return want, nil })
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		standIn, err := wasmbin.StubModule(oneFunction)
		if err != nil || !bytes.Equal(got.Code, standIn) {
			t.Fatalf("kept code %x, %v", got.Code, err)
		}
		got.Code = want.Code
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v", got)
	}
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().WithCompilationCache(c.Wazero()))
	defer r.Close(t.Context())
	m, _, err := c.compiled(t.Context(), got.Code, func(code []byte) (wazero.CompiledModule, error) { return r.CompileModule(t.Context(), code) })
	if err != nil {
		t.Fatal(err)
	}
	if i, err := r.InstantiateModule(t.Context(), m, wazero.NewModuleConfig().WithName("")); err != nil {
		t.Fatal(err)
	} else if _, err := i.ExportedFunction("f").Call(t.Context()); err != nil {
		t.Fatalf("the function traps like a stand-in's: %v", err)
	}
	if err := c.Seal(); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRewrittenGuestIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for i, step := range []struct {
		program string
		times   int
		before  func()
	}{
		{program: a, times: 1},
		{program: a, times: 0},
		{program: b, times: 1}, // another program may rewrite in another way
		{program: b, times: 0},
		{program: a, times: 1}, // and only one's is kept
		{program: a, times: 1, before: func() { write(t, filepath.Join(dir, "guest", preparedPrefix+a), []byte("another guest")) }},
		{program: "", times: 1},
		{program: "", times: 1},
	} {
		if step.before != nil {
			step.before()
		}
		if n := rewritten(t, dir, step.program); n != step.times {
			t.Errorf("step %d: rewritten %d times, want %d", i, n, step.times)
		}
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "guest", preparedPrefix+"*")); len(kept) != 1 {
		t.Errorf("kept: %v", kept)
	}
	c := &codeCache{}
	if _, err := c.prepared(t.Context(), a, func() (*wasmbin.Prepared, error) { return nil, errors.New("no guest") }); err == nil {
		t.Error("the rewriter's error is lost")
	}
}

// TestUnusedGuestsAreRemoved: folders of guests that no start has used for long make room; what is no guest's folder stays.
func TestUnusedGuestsAreRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	old, recent, unsealed := folderOf("old"), folderOf(""), folderOf("unsealed")
	long := unusedTime + time.Hour
	for folder, age := range map[string]time.Duration{old: long, recent: unusedTime - time.Hour, unsealed: long, "photographs": long} {
		path := filepath.Join(dir, folder)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if folder != unsealed {
			write(t, filepath.Join(path, sealName), nil)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	rewritten(t, dir, "")
	for folder, there := range map[string]bool{old: false, recent: true, unsealed: true, "photographs": true, "guest": true} {
		if _, err := os.Stat(filepath.Join(dir, folder)); (err == nil) != there {
			t.Errorf("%s: there %v, want %v", folder, err == nil, there)
		}
	}
}

func TestDecodePreparedRefuses(t *testing.T) {
	whole := encodePrepared(&wasmbin.Prepared{Code: []byte("code"), Data: []wasmbin.Segment{{Offset: 8, Bytes: []byte("data")}}})
	for n := range whole {
		if p, err := decodePrepared(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes are %+v", n, len(whole), p)
		}
	}
	for _, odd := range []string{"{}\n", `{"Lengths":[-1]}` + "\n", `{"Lengths":[1,2]}` + "\nabc", `{"Lengths":[1],"Data":[{}]}` + "\nabc"} {
		if p, err := decodePrepared([]byte(odd)); err == nil {
			t.Errorf("%q is %+v", odd, p)
		}
	}
}

func folderOf(guest string) string {
	return Key{Guest: guest, Digest: strings.Repeat("a", 64)}.Folder()
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(encodeState(snapshot.State{Size: 65536, Runs: []snapshot.Extent{{At: 4096, Bytes: make([]byte, 4096)}}}))
	f.Add([]byte("{\"Lengths\": [1], \"Runs\": [{}]}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeState(b); err == nil {
			if again, err := decodeState(encodeState(*s)); err != nil || len(again.Runs) != len(s.Runs) {
				t.Errorf("%v", err)
			}
		}
	})
}
