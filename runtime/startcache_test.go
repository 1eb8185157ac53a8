package runtime

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// startCached starts the test guest over a cache folder, runs a script, and returns the log.
func startCached(t *testing.T, dir string) (log string) {
	t.Helper()
	var lines bytes.Buffer
	e, err := New(zerolog.New(&lines).WithContext(t.Context()), Config{Guest: cachedGuest(), CacheDir: dir, Program: runningProgram, Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if r, err := evaluate(e, "eyes"); err != nil || string(r.Body) != "yes" {
		t.Fatalf("the script returned %q, error %v", r.Body, err)
	}
	return lines.String()
}

func TestWarmStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	start := func() (warm bool) {
		e := newEngine(t, func(c *Config) {
			c.CacheDir = dir
			c.Progress = func(p Progress) { warm = warm || p.Code != "" && p.Code != CodeCompiled }
		})
		if r, err := evaluate(e, "e1"); err != nil || string(r.Body) != "1" {
			t.Fatalf("the script returned %q, error %v", r.Body, err)
		}
		return warm
	}
	if start() {
		t.Error("the first start reports that it was warm")
	}
	if !start() {
		t.Error("the second start compiled the guest again")
	}
	folder := oneOf(t, filepath.Join(dir, "*"))
	_, code := markOfCode(t, folder) // and not that of the stage, whose compilation is not reported
	path := filepath.Join(folder, code)
	b, _ := os.ReadFile(path)
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if start() {
		t.Error("code that was changed on disk was used")
	}
	if !start() {
		t.Error("the start after that compiled the guest again")
	}
}

func TestWritableCacheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := New(t.Context(), Config{Guest: bareGuest("", testGuest), CacheDir: dir})
	if os.PathSeparator == '/' && (err == nil || !strings.Contains(err.Error(), "is writable by other users")) {
		t.Errorf("with a cache folder that other users can write to, New returned %v", err)
	}
}

// TestConcurrentStarts starts engines over one empty folder, as several processes would. The first
// compiles the guest, and the others wait for it.
func TestConcurrentStarts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	warm := make(chan bool, 4)
	for range 4 {
		go func() {
			wasWarm := false
			e, err := New(context.Background(), Config{Guest: bareGuest("", testGuest), CacheDir: dir, Progress: func(p Progress) { wasWarm = wasWarm || p.Code == CodeCached }})
			if err == nil {
				err = e.Close()
			}
			if err != nil {
				t.Error(err)
			}
			warm <- wasWarm
		}()
	}
	n := 0
	for range 4 {
		if <-warm {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d of 4 starts were warm, want 3", n)
	}
}

// changeCache changes the files that an earlier start has left.
func changeCache(t *testing.T, dir string, change func(c *codecache.Cache, dir string)) {
	t.Helper()
	cfg := Config{Guest: cachedGuest(), CacheDir: dir, Program: runningProgram}
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

// TestSecondStartChangesNothing checks that later starts use the files of the first and leave them
// unchanged.
func TestSecondStartChangesNothing(t *testing.T) {
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
			t.Errorf("a later start has changed %s", path)
		}
	}
	changeImage(t, dir, func(*snapshot.State) {})
}

// TestImageIsUsed changes a byte of the cached image, which a start then shows in its memory.
func TestImageIsUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	startCached(t, dir)
	var size uint64
	changeImage(t, dir, func(s *snapshot.State) {
		size = s.Size
		s.Size += 65536
		s.Runs = append(s.Runs, snapshot.Extent{At: size + 4096, Bytes: bytes.Repeat([]byte{7}, 4096)})
	})
	e, err := New(t.Context(), Config{Guest: cachedGuest(), CacheDir: dir, Program: runningProgram})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if image := e.template.Image(); image.Size() != size+65536 || image.Bytes()[size+4096] != 7 {
		t.Error("the cached image was not used")
	}
}

// TestImageOfAnotherZone checks that an image is used only with the time zone that it was made
// with.
func TestImageOfAnotherZone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	startCached(t, dir)
	changeImage(t, dir, func(s *snapshot.State) {
		s.Runs = append(s.Runs, snapshot.Extent{At: s.Size + 4096, Bytes: bytes.Repeat([]byte{7}, 4096)})
		s.Size += 65536
	})
	var sizes []uint64
	for _, zone := range []string{"", "Europe/Berlin", "Europe/Berlin", ""} {
		e, err := New(t.Context(), Config{Guest: cachedGuest(), CacheDir: dir, Program: runningProgram, TimeZone: []byte(zone)})
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, e.template.Image().Size())
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// The cache keeps one image, so that the last start makes a new one.
	if sizes[0] != sizes[1]+65536 || sizes[2] != sizes[1] || sizes[3] != sizes[1] {
		t.Errorf("the images have the sizes %v; the first one was changed and must not be used with another zone", sizes)
	}
}

// TestUnusableCache spoils the cached files in several ways. The next start must still run scripts,
// and leave good files for the one after it.
func TestUnusableCache(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, dir string){
		"an image of another guest": func(t *testing.T, dir string) {
			changeImage(t, dir, func(s *snapshot.State) { s.Initial = append(s.Initial, 1) })
		},
		"an image with bytes beyond its end": func(t *testing.T, dir string) {
			changeImage(t, dir, func(s *snapshot.State) { s.Runs[0].At = s.Size - 1 })
		},
		"an image with globals of another guest": func(t *testing.T, dir string) {
			changeImage(t, dir, func(s *snapshot.State) { s.Globals = append(s.Globals, snapshot.GlobalValue{Name: "nothing"}) })
		},
		"code for another processor": func(t *testing.T, dir string) {
			changeCache(t, dir, func(_ *codecache.Cache, folder string) {
				mark, file := markOfCode(t, folder)
				if err := os.Rename(filepath.Join(folder, file), filepath.Join(folder, file+"0")); err != nil {
					t.Fatal(err)
				}
				write(t, mark, []byte(file+"0"))
			})
		},
		// A start that is killed between two steps could leave this.
		"the code of the stub itself": func(t *testing.T, dir string) {
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
			damage(t, dir)
			startCached(t, dir)
			if log := startCached(t, dir); log != "" {
				t.Errorf("the start after that logged %s", log)
			}
		})
	}
}

// compileInto compiles a module with wazero's cache in the folder.
func compileInto(t *testing.T, c *codecache.Cache, code []byte) {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigCompiler().WithCompilationCache(c.Wazero()).
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall).WithDebugInfoEnabled(false))
	defer r.Close(t.Context())
	if _, err := r.CompileModule(t.Context(), code); err != nil {
		t.Fatal(err)
	}
}

// markOfCode returns the path of the mark, and the name of the file of compiled code in it.
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
