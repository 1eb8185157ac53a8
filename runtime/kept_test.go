package runtime

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// startKept starts the test guest over a cache folder, lets it answer, and returns what was logged.
func startKept(t *testing.T, dir string) (log string) {
	t.Helper()
	var lines bytes.Buffer
	e, err := New(zerolog.New(&lines).WithContext(t.Context()), Config{Guest: keptGuest(), CacheDir: dir, Program: theProgram, Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if r, err := ask(e, "eyes"); err != nil || string(r.Body) != "yes" {
		t.Fatalf("%q %v", r.Body, err)
	}
	return lines.String()
}

// inCache changes what is kept, as if an earlier start had left it so.
func inCache(t *testing.T, dir string, change func(c *codeCache)) {
	t.Helper()
	c, err := openCache(t.Context(), dir, CodeFolder(bareGuest("test", testGuest)))
	if err != nil {
		t.Fatal(err)
	}
	change(c)
	files, err := c.files()
	if err == nil {
		err = c.writeSeal(files)
	}
	if err == nil {
		err = c.close(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (c *codeCache) only(t *testing.T, meant func(string) bool) string {
	files, err := c.files()
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return !meant(name) })
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	return files[0]
}

// TestSecondStartNeedsNoBoot: what the first left is used, byte for byte the same image; it stays what it is when nothing changed.
func TestSecondStartNeedsNoBoot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	startKept(t, dir)
	first := contents(t, dir)
	for range 2 {
		if log := startKept(t, dir); log != "" {
			t.Error(log)
		}
	}
	for path, text := range contents(t, dir) {
		if first[path] != text {
			t.Errorf("%s was changed by a start that changed nothing", path)
		}
	}
	inCache(t, dir, func(c *codeCache) {
		if s := c.readImage(c.only(t, isImage)); s == nil || s.Size == 0 {
			t.Fatal("no image is kept")
		}
	})
}

// TestImageIsUsed: a start with another image than its boot's shows it. The image that is put there has another byte in it, which nothing but
// the comparison below looks at.
func TestImageIsUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	startKept(t, dir)
	var size uint64
	inCache(t, dir, func(c *codeCache) {
		name := c.only(t, isImage)
		s := c.readImage(name)
		size = s.Size
		s.Size += 65536
		s.Runs = append(s.Runs, snapshot.Run{At: size + 4096, Bytes: bytes.Repeat([]byte{7}, 4096)})
		if err := replaceFile(c.path(name), encodeState(*s)); err != nil {
			t.Fatal(err)
		}
	})
	e, err := New(t.Context(), Config{Guest: keptGuest(), CacheDir: dir, Program: theProgram})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if image := e.template.Image(); image.Size() != size+65536 || image.Bytes()[size+4096] != 7 {
		t.Error("the image that was kept was not used")
	}
}

// TestSpoiltStartsAreMadeAnew: whatever is wrong with what an earlier start kept, scripts run, and the next start is a good one.
func TestSpoiltStartsAreMadeAnew(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, c *codeCache){
		"an image of another guest": func(t *testing.T, c *codeCache) {
			file := c.only(t, isImage)
			s := c.readImage(file)
			s.Initial = append(s.Initial, 1)
			if err := replaceFile(c.path(file), encodeState(*s)); err != nil {
				t.Fatal(err)
			}
		},
		"an image with bytes beyond its end": func(t *testing.T, c *codeCache) {
			file := c.only(t, isImage)
			s := c.readImage(file)
			s.Runs[0].At = s.Size - 1
			if err := replaceFile(c.path(file), encodeState(*s)); err != nil {
				t.Fatal(err)
			}
		},
		"an image with globals of another guest": func(t *testing.T, c *codeCache) {
			file := c.only(t, isImage)
			s := c.readImage(file)
			s.Globals = append(s.Globals, snapshot.Setting{Name: "nothing"})
			if err := replaceFile(c.path(file), encodeState(*s)); err != nil {
				t.Fatal(err)
			}
		},
		"code for another processor": func(t *testing.T, c *codeCache) { // wazero finds none for this one
			mark := c.only(t, isMark)
			file, err := os.ReadFile(c.path(mark))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(c.path(string(file)), c.path(string(file)+"0")); err != nil {
				t.Fatal(err)
			}
			if err := replaceFile(c.path(mark), []byte(string(file)+"0")); err != nil {
				t.Fatal(err)
			}
		},
		"the code of the stand-in itself": func(t *testing.T, c *codeCache) { // as a start that was killed between two steps could leave it
			mark := c.only(t, isMark)
			file, err := os.ReadFile(c.path(mark))
			if err != nil {
				t.Fatal(err)
			}
			prepared, err := os.ReadFile(c.path(c.only(t, isPrepared)))
			if err != nil {
				t.Fatal(err)
			}
			p, err := decodePrepared(prepared)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(c.path(string(file))); err != nil {
				t.Fatal(err)
			}
			compileInto(t, c, p.Code)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cache")
			startKept(t, dir)
			inCache(t, dir, func(c *codeCache) { spoil(t, c) })
			startKept(t, dir)
			if log := startKept(t, dir); log != "" {
				t.Errorf("the start after it: %s", log)
			}
		})
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(encodeState(snapshot.State{Size: 65536, Runs: []snapshot.Run{{At: 4096, Bytes: make([]byte, 4096)}}}))
	f.Add([]byte("{\"Lengths\": [1], \"Runs\": [{}]}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeState(b); err == nil {
			if again, err := decodeState(encodeState(*s)); err != nil || len(again.Runs) != len(s.Runs) {
				t.Errorf("%v", err)
			}
		}
	})
}

// compileInto has wazero keep the code of a module in the cache.
func compileInto(t *testing.T, c *codeCache, code []byte) {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigCompiler().WithCompilationCache(c.wazero()).
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall).WithDebugInfoEnabled(false))
	defer r.Close(t.Context())
	if _, err := r.CompileModule(t.Context(), code); err != nil {
		t.Fatal(err)
	}
}

func keptGuest() Guest {
	g := bareGuest("test", testGuest)
	g.LibraryDigest = "none"
	return g
}
