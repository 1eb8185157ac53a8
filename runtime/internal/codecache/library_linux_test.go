package codecache

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var testLibrary = map[string][]byte{"m:numpy": []byte("P\x00code"), "f:/lib/empty": {}, "f:/lib/zones": []byte(strings.Repeat("zone\n", 5000))}

// startLibrary goes through a start that looks a resource up, with changed called after the cache was
// opened. It reports whether the library was loaded, and not mapped.
func startLibrary(t *testing.T, cfg Config, changed func()) (loaded bool) {
	t.Helper()
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	changed()
	library := c.Library(cfg.Key.LibraryDigest, func() (map[string][]byte, error) {
		loaded = true
		return testLibrary, nil
	})
	got, err := library()
	if err != nil || !maps.EqualFunc(got, testLibrary, slices.Equal[[]byte]) {
		t.Errorf("%d resources, %v; want those of the library", len(got), err)
	}
	if err := c.WriteDigests(); err != nil {
		t.Fatal(err)
	}
	return loaded
}

// libraries returns the paths of the stored libraries.
func libraries(dir string) []string {
	paths, _ := filepath.Glob(filepath.Join(dir, "*", libraryPrefix+"*"))
	return paths
}

// TestLibrary changes the stored library, or its key, before a later start. It is mapped only if
// neither has changed, and loaded otherwise.
func TestLibrary(t *testing.T) {
	file := func(change func(path string) error) func(*testing.T, *Config) {
		return func(t *testing.T, cfg *Config) {
			if err := change(libraries(cfg.CacheDir)[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	replace := file(func(path string) error {
		content, err := os.ReadFile(path)
		content[len(content)-1] ^= 1
		return errors.Join(err, os.WriteFile(path+"0", content, 0o600), os.Rename(path+"0", path))
	})
	for _, c := range []struct {
		name          string
		before, after func(*testing.T, *Config)
		loaded        bool
	}{
		{name: "unchanged"},
		{name: "a changed byte", before: replace, loaded: true},
		{name: "replaced after the check of the cache", after: replace},
		{name: "removed after the check of the cache", after: file(os.Remove)},
		{name: "truncated", before: file(func(path string) error { return os.Truncate(path, 10) }), loaded: true},
		{name: "empty", before: file(func(path string) error { return os.Truncate(path, 0) }), loaded: true},
		{name: "others can write", before: file(func(path string) error { return os.Chmod(path, 0o666) }), loaded: true},
		{name: "another library", before: func(_ *testing.T, cfg *Config) { cfg.Key.LibraryDigest = strings.Repeat("d", 64) }, loaded: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			watch(t)
			cfg := configWith(filepath.Join(t.TempDir(), "cache"), "")
			if !startLibrary(t, cfg, nothing) {
				t.Error("the first start found a library")
			}
			if c.before != nil {
				c.before(t, &cfg)
			}
			loaded := startLibrary(t, cfg, func() {
				if c.after != nil {
					c.after(t, &cfg)
				}
			})
			if loaded != c.loaded {
				t.Errorf("loaded: %v, want %v", loaded, c.loaded)
			}
			if paths := libraries(cfg.CacheDir); c.after == nil && len(paths) != 1 {
				t.Errorf("stored libraries: %v, want one", paths)
			}
		})
	}
}

// TestLibraryIsVerifiedWhenMapped checks that the digest is that of the content that is mapped, also
// if the file changed after the cache was opened and before the kernel began to delay changes.
func TestLibraryIsVerifiedWhenMapped(t *testing.T) {
	watch(t)
	path := filepath.Join(t.TempDir(), "library")
	write(t, path, encodeLibrary(testLibrary))
	f, err := openCodeFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if resources, err := f.mapLibrary(strings.Repeat("a", 64)); err == nil {
		t.Errorf("%d resources of a file with another digest", len(resources))
	}
}

// TestLibraryWithoutWatch checks that the library is not mapped if the process does not learn of
// changes, and that a bundle, and a cache whose digests are written, get no library.
func TestLibraryWithoutWatch(t *testing.T) {
	cfg := configWith(filepath.Join(t.TempDir(), "cache"), "")
	startLibrary(t, cfg, nothing)
	if !startLibrary(t, cfg, nothing) {
		t.Error("the library was mapped, though the process does not watch for changes")
	}
	for name, change := range map[string]func(*Cache) error{
		"bundle":  func(c *Cache) error { c.bundle = true; return nil },
		"frozen":  func(c *Cache) error { c.Freeze(); return nil },
		"started": (*Cache).WriteDigests,
	} {
		cfg := configWith(filepath.Join(t.TempDir(), "cache"), "")
		c, err := Open(t.Context(), cfg)
		if err == nil {
			err = change(c)
		}
		if err != nil {
			t.Fatal(err)
		}
		c.saveLibrary(libraryPrefix+"a", testLibrary)
		if paths := libraries(cfg.CacheDir); len(paths) != 0 {
			t.Errorf("%s: stored %v", name, paths)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestDecodeLibraryInvalid(t *testing.T) {
	valid := encodeLibrary(testLibrary)
	for _, n := range []int{0, 1, 20, len(valid) / 2, len(valid) - 1} {
		if got, err := decodeLibrary(valid[:n]); err == nil {
			t.Errorf("%d of %d bytes were decoded as %d resources", n, len(valid), len(got))
		}
	}
	for _, invalid := range []string{
		`{"Names":["a"]}` + "\n", `{"Names":["a"],"Lengths":[-1]}` + "\n", `{"Names":["a"],"Lengths":[1,2]}` + "\nabc",
	} {
		if got, err := decodeLibrary([]byte(invalid)); err == nil {
			t.Errorf("%q was decoded as %d resources", invalid, len(got))
		}
	}
}
