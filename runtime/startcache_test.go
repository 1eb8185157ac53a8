package runtime

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// startCached starts the test guest over a cache folder, lets it answer, and returns what was
// logged.
func startCached(t *testing.T, dir string) (log string) {
	t.Helper()
	var lines bytes.Buffer
	e, err := New(zerolog.New(&lines).WithContext(t.Context()), Config{Guest: cachedGuest(), CacheDir: dir, Program: theProgram, Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if r, err := ask(e, "eyes"); err != nil || string(r.Body) != "yes" {
		t.Fatalf("%q %v", r.Body, err)
	}
	return lines.String()
}

// changeCache changes the cached files, as if an earlier start had left them so.
func changeCache(t *testing.T, dir string, change func(c *codecache.Cache, dir string)) {
	t.Helper()
	cfg := Config{Guest: cachedGuest(), CacheDir: dir, Program: theProgram}
	c, err := codecache.Open(t.Context(), cfg.codeCache())
	if err != nil {
		t.Fatal(err)
	}
	change(c, filepath.Join(dir, CodeFolder(cfg.Guest)))
	if err := errors.Join(c.WriteDigests(), c.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// changeImage changes the cached image.
func changeImage(t *testing.T, dir string, change func(s *snapshot.State)) {
	t.Helper()
	changeCache(t, dir, func(c *codecache.Cache, _ string) {
		s := c.Image()
		if s == nil || s.Size == 0 {
			t.Fatal("no image is cached")
		}
		change(s)
		c.SaveImage(*s)
	})
}

// TestSecondStartNeedsNoBoot: what the first left is used, byte for byte the same image; it stays
// what it is when nothing changed.
func TestSecondStartNeedsNoBoot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	startCached(t, dir)
	first := contents(t, dir)
	for range 2 {
		if log := startCached(t, dir); log != "" {
			t.Error(log)
		}
	}
	for path, text := range contents(t, dir) {
		if first[path] != text {
			t.Errorf("%s was changed by a start that changed nothing", path)
		}
	}
	changeImage(t, dir, func(*snapshot.State) {})
}

// TestImageIsUsed: a start with another image than its boot's shows it. The image that is put there
// has another byte in it, which nothing but the comparison below looks at.
func TestImageIsUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	startCached(t, dir)
	var size uint64
	changeImage(t, dir, func(s *snapshot.State) {
		size = s.Size
		s.Size += 65536
		s.Runs = append(s.Runs, snapshot.Extent{At: size + 4096, Bytes: bytes.Repeat([]byte{7}, 4096)})
	})
	e, err := New(t.Context(), Config{Guest: cachedGuest(), CacheDir: dir, Program: theProgram})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if image := e.template.Image(); image.Size() != size+65536 || image.Bytes()[size+4096] != 7 {
		t.Error("the image that was kept was not used")
	}
}

// TestSpoiltStartsAreMadeAnew: whatever is wrong with what an earlier start kept, scripts run, and
// the next start is a good one.
func TestSpoiltStartsAreMadeAnew(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"an image of another guest": func(t *testing.T, dir string) {
			changeImage(t, dir, func(s *snapshot.State) { s.Initial = append(s.Initial, 1) })
		},
		"an image with bytes beyond its end": func(t *testing.T, dir string) {
			changeImage(t, dir, func(s *snapshot.State) { s.Runs[0].At = s.Size - 1 })
		},
		"an image with globals of another guest": func(t *testing.T, dir string) {
			changeImage(t, dir, func(s *snapshot.State) { s.Globals = append(s.Globals, snapshot.GlobalValue{Name: "nothing"}) })
		},
		"code for another processor": func(t *testing.T, dir string) { // wazero finds none for this one
			changeCache(t, dir, func(_ *codecache.Cache, folder string) {
				mark, file := markOfCode(t, folder)
				if err := os.Rename(filepath.Join(folder, file), filepath.Join(folder, file+"0")); err != nil {
					t.Fatal(err)
				}
				write(t, mark, []byte(file+"0"))
			})
		},
		"the code of the stand-in itself": func(t *testing.T, dir string) { // as a start that was killed between two steps could leave it
			changeCache(t, dir, func(c *codecache.Cache, folder string) {
				_, file := markOfCode(t, folder)
				p, err := c.Rewritten(nil)
				if err != nil {
					t.Fatal(err)
				}
				remove(t, filepath.Join(folder, file))
				compileInto(t, c, p.Code)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cache")
			startCached(t, dir)
			spoil(t, dir)
			startCached(t, dir)
			if log := startCached(t, dir); log != "" {
				t.Errorf("the start after it: %s", log)
			}
		})
	}
}

// compileInto has wazero keep the code of a module in the cache.
func compileInto(t *testing.T, c *codecache.Cache, code []byte) {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigCompiler().WithCompilationCache(c.Wazero()).
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall).WithDebugInfoEnabled(false))
	defer r.Close(t.Context())
	if _, err := r.CompileModule(t.Context(), code); err != nil {
		t.Fatal(err)
	}
}

// markOfCode returns the mark of the stand-in, and the file of compiled code that it names.
func markOfCode(t *testing.T, folder string) (mark, file string) {
	t.Helper()
	mark = oneOf(t, filepath.Join(folder, "standin-*"))
	b, err := os.ReadFile(mark)
	if err != nil {
		t.Fatal(err)
	}
	return mark, string(b)
}

func cachedGuest() Guest {
	g := bareGuest("test", testGuest)
	g.LibraryDigest = "none"
	return g
}
