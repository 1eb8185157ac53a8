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
var oneFunction = []byte{
	0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0, 10, 4, 1, 2, 0, 0x0b,
}

// startWith goes through the steps of a start with the cache in dir, and returns how many times the
// guest had to be rewritten.
func startWith(t *testing.T, dir, program string) int {
	t.Helper()
	cfg := Config{Key: keyOf("guest"), CacheDir: dir, Program: func() Program { return Program{Digest: program} }}
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	code, rewrites := rewrittenCode(t, c)
	callFunction(t, c, code)
	if err := c.WriteDigests(); err != nil {
		t.Fatal(err)
	}
	return rewrites
}

// rewrittenCode returns the code of the rewritten guest, which is a stub if it comes from the
// cache, and the number of times that it was rewritten.
func rewrittenCode(t *testing.T, c *Cache) (code []byte, rewrites int) {
	t.Helper()
	want := &wasmbin.Prepared{
		Code: oneFunction, Data: []wasmbin.Segment{{Offset: 8, Bytes: []byte("data")}}, MinPages: 3,
		Params: []int{0}, Globals: []string{"g", "fuel"}, FuelGlobal: "fuel", Stats: wasmbin.Stats{Functions: 5},
	}
	got, err := c.Rewritten(func() (*wasmbin.Prepared, error) { rewrites++; return want, nil })
	if err != nil {
		t.Fatal(err)
	}
	code = got.Code
	if rewrites == 0 {
		stub, err := wasmbin.StubModule(oneFunction)
		if err != nil || !bytes.Equal(code, stub) {
			t.Fatalf("cached code %x, error %v; want the stub %x", code, err, stub)
		}
		if got.Data != nil {
			t.Error("the data segments were read before they were needed")
		}
		if got.Data, err = got.ReadData(); err != nil {
			t.Fatal(err)
		}
		got.Code, got.ReadData = want.Code, nil
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("rewritten guest %+v, want %+v", got, want)
	}
	return code, rewrites
}

// callFunction compiles the code by way of the cache and calls its function, which traps in a stub.
func callFunction(t *testing.T, c *Cache, code []byte) {
	t.Helper()
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().WithCompilationCache(c.Wazero()))
	defer r.Close(t.Context())
	compile := func(code []byte) (wazero.CompiledModule, error) { return r.CompileModule(t.Context(), code) }
	m, err := c.Compiled(code, compile, compile)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := r.InstantiateModule(t.Context(), m, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := instance.ExportedFunction("f").Call(t.Context()); err != nil {
		t.Fatalf("the function fails like that of a stub: %v", err)
	}
}

func TestRewritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	folder := filepath.Join(dir, keyOf("guest").Folder())
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for i, step := range []struct {
		program  string
		rewrites int
		before   func()
	}{
		{program: a, rewrites: 1},
		{program: a, rewrites: 0},
		{program: b, rewrites: 1}, // another program may have another rewriter
		{program: b, rewrites: 0},
		{program: a, rewrites: 1}, // only the file of the last program is kept
		{program: a, rewrites: 1, before: func() {
			write(t, filepath.Join(folder, rewrittenPrefix+a), []byte("another guest"))
		}},
		{program: "", rewrites: 1},
		{program: "", rewrites: 1},
	} {
		if step.before != nil {
			step.before()
		}
		if n := startWith(t, dir, step.program); n != step.rewrites {
			t.Errorf("step %d: rewritten %d times, want %d", i, n, step.rewrites)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(folder, rewrittenPrefix+"*")); len(files) != 1 {
		t.Errorf("files of rewritten guests: %v, want one", files)
	}
	rewriterError := errors.New("no guest")
	if _, err := new(Cache).Rewritten(func() (*wasmbin.Prepared, error) { return nil, rewriterError }); err != rewriterError {
		t.Errorf("error %v, want that of the rewriter", err)
	}
}

func TestRemoveUnused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	old, recent, incomplete := keyOf("old").Folder(), keyOf("").Folder(), keyOf("incomplete").Folder()
	tooLong := maxUnused + time.Hour
	for folder, age := range map[string]time.Duration{
		old: tooLong, recent: maxUnused - time.Hour, incomplete: tooLong, "photographs": tooLong,
	} {
		path := filepath.Join(dir, folder)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if folder != incomplete { // no start has finished
			write(t, filepath.Join(path, digestsName), nil)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	startWith(t, dir, "")
	for folder, want := range map[string]bool{
		old: false, recent: true, incomplete: true, "photographs": true, keyOf("guest").Folder(): true,
	} {
		if _, err := os.Stat(filepath.Join(dir, folder)); (err == nil) != want {
			t.Errorf("%s exists: %v, want %v", folder, err == nil, want)
		}
	}
}

func TestDecodeRewrittenInvalid(t *testing.T) {
	valid := encodeRewritten(&wasmbin.Prepared{Code: []byte("code"), Data: []wasmbin.Segment{{Offset: 8, Bytes: []byte("data")}}})
	for n := range valid {
		if p, err := decodeRewritten(valid[:n]); err == nil {
			t.Errorf("%d of %d bytes were decoded as %+v", n, len(valid), p)
		}
	}
	for _, invalid := range []string{
		"{}\n", `{"Lengths":[-1]}` + "\n", `{"Lengths":[1,2]}` + "\nabc", `{"Lengths":[1],"Data":[{}]}` + "\nabc",
	} {
		if p, err := decodeRewritten([]byte(invalid)); err == nil {
			t.Errorf("%q was decoded as %+v", invalid, p)
		}
	}
}

// TestChangedSegments changes the file of the rewritten guest after the cache was opened.
func TestChangedSegments(t *testing.T) {
	dir, program := filepath.Join(t.TempDir(), "cache"), strings.Repeat("a", 64)
	startWith(t, dir, program)
	cfg := Config{Key: keyOf("guest"), CacheDir: dir, Program: func() Program { return Program{Digest: program} }}
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	p, err := c.Rewritten(func() (*wasmbin.Prepared, error) { return nil, errors.New("rewritten again") })
	if err != nil {
		t.Fatal(err)
	}
	path := c.path(rewrittenPrefix + program)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 1
	write(t, path, content)
	if data, err := p.ReadData(); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("segments %v, error %v", data, err)
	}
}

// TestDecodeStubInvalid checks that a file that ends within its code has no stub.
func TestDecodeStubInvalid(t *testing.T) {
	valid := encodeRewritten(&wasmbin.Prepared{Code: []byte("code"), Data: []wasmbin.Segment{{Offset: 8, Bytes: []byte("data")}}})
	for n := range valid {
		p, err := decodeStub(bytes.NewReader(valid[:n]))
		if complete := n >= len(valid)-len("data"); (err == nil) != complete || complete && string(p.Code) != "code" {
			t.Errorf("%d of %d bytes: error %v", n, len(valid), err)
		}
	}
	for _, invalid := range []string{"{}\n", `{"Lengths":[-1]}` + "\n", `{"Lengths":[9]}` + "\nabc"} {
		if p, err := decodeStub(strings.NewReader(invalid)); err == nil {
			t.Errorf("%q was decoded as %+v", invalid, p)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(encodeState(snapshot.State{Size: 65536, Runs: []snapshot.Extent{{At: 4096, Bytes: make([]byte, 4096)}}}))
	f.Add([]byte("{\"Lengths\": [1], \"Runs\": [{}]}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeState(b)
		if err != nil {
			return
		}
		if again, err := decodeState(encodeState(*s)); err != nil || len(again.Runs) != len(s.Runs) {
			t.Errorf("decoded, encoded and decoded again: %v", err)
		}
	})
}

func keyOf(guest string) Key { return Key{Guest: guest, Digest: strings.Repeat("a", 64)} }

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDigestsByBlocks checks that code is verified by blocks, and that the digests of an earlier
// version, which had none, are accepted.
func TestDigestsByBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(line string) string
		rewrites int
	}{
		"earlier version": {func(string) string { return "" }, 0},
		"unchanged":       {func(line string) string { return line }, 0},
		"wrong digest":    {func(line string) string { return strings.Repeat("0", 64) + line[64:] }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir, program := filepath.Join(t.TempDir(), "cache"), strings.Repeat("a", 64)
			startWith(t, dir, program)
			path := filepath.Join(dir, keyOf("guest").Folder(), digestsName)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var lines strings.Builder
			found := false
			for line := range strings.Lines(string(text)) {
				if strings.Contains(line, "  "+blocksPrefix) {
					found, line = true, c.change(line)
				}
				lines.WriteString(line)
			}
			write(t, path, []byte(lines.String()))
			if n := startWith(t, dir, program); n != c.rewrites || !found {
				t.Errorf("rewritten %d times, want %d; a digest by blocks was found: %v", n, c.rewrites, found)
			}
		})
	}
}
