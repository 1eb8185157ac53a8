package runtime

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/guest"

	"github.com/klauspost/compress/zstd"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// builtGuest reads the guest from files, since this package must not import the one that embeds it.
func builtGuest(t *testing.T) Guest {
	g, library := bareGuest("core", unpacked(t, "../assets/data/core.wasm.zst")), map[string][]byte{}
	g.Resources = func() (map[string][]byte, error) { return library, nil }
	archive := tar.NewReader(bytes.NewReader(unpacked(t, "../assets/data/core.res.zst")))
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		if name, ok := strings.CutPrefix(h.Name, "m/"); ok {
			library["m:"+name] = b
		} else {
			library["f:/"+strings.TrimPrefix(h.Name, "f/")] = b
		}
	}
	return g
}

// unpacked returns the decompressed content of a file.
func unpacked(t *testing.T, path string) []byte {
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	raw, err := d.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// original is one instance of the guest as built, in which all scripts run.
type original struct {
	t      *testing.T
	module api.Module
}

func newOriginal(t *testing.T, g Guest, cache wazero.CompilationCache) *original {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCompilationCache(cache))
	t.Cleanup(func() { r.Close(ctx) })
	if err := register(ctx, r, newLibrary(ctx, Config{Guest: g}, new(codecache.Cache))); err != nil {
		t.Fatal(err)
	}
	wasm, _ := g.Wasm()
	code, err := r.CompileModule(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	o := &original{t: t}
	if o.module, err = r.InstantiateModule(ctx, code, wazero.NewModuleConfig().WithStartFunctions()); err != nil {
		t.Fatal(err)
	}
	o.enter(guest.Initialize, "")
	o.enter(guest.Init, "")
	return o
}

func (o *original) enter(export, body string) *call {
	c := newCall(context.Background(), Call{Body: []byte(body)}, DefaultLimits(), guest.Interruption{})
	if _, err := o.module.ExportedFunction(export).Call(withCall(c.ctx, c)); err != nil {
		o.t.Fatalf("%s: %v\n%s", export, err, c.output.bytes())
	}
	return c
}

// TestRewriteKeepsResults runs the scripts of testdata/scripts in the guest as it was built, with
// wazero's own function table and without fuel, and in the rewritten one. The results must be
// equal.
func TestRewriteKeepsResults(t *testing.T) {
	scripts, err := filepath.Glob("testdata/scripts/*.py")
	if err != nil || len(scripts) < 10 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	cache, err := wazero.NewCompilationCacheWithDir(testCache() + "-original")
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close(context.Background())
	g := builtGuest(t)
	o := newOriginal(t, g, cache)
	e, err := New(t.Context(), Config{Guest: g, CacheDir: testCache(), Limits: Limits{Timeout: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := json.Marshal(map[string]any{"script": string(text), "data": map[string]any{}})
			want := o.enter(guest.Evaluate, string(body))
			if want.kind != 0 {
				t.Fatalf("the original guest fails with %s", want.reply)
			}
			if r, err := evaluate(e, string(body)); err != nil || !bytes.Equal(r.Body, want.reply) {
				t.Errorf("rewritten: %.2000s, %v\noriginal: %.2000s", r.Body, err, want.reply)
			}
		})
	}
}

// testCache returns the folder of compiled code that the tests of all packages share.
func testCache() string {
	if dir := os.Getenv("TABCELL_TEST_CACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "tabcell-tests")
}
