package codecache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/runtime/internal/snapshot"
)

// The tests in this file share a cache folder or a bundle between engines with different patches,
// and the same guest and program.

var engines = []string{"", strings.Repeat("1", 64), strings.Repeat("1", 16) + strings.Repeat("2", 48), strings.Repeat("3", 64)}

// configWith returns the configuration for an engine.
func configWith(dir, engine string) Config {
	key := keyOf("guest")
	key.Engine, key.LibraryDigest = engine, strings.Repeat("c", 64)
	return Config{Key: key, CacheDir: dir, Program: func() Program { return Program{Digest: strings.Repeat("b", 64)} }}
}

// startEngine goes through a start. It returns how many times the guest was rewritten, whether an
// image was found, and whether the compiled code was.
func startEngine(t *testing.T, cfg Config) (rewrites int, image, compiled bool) {
	t.Helper()
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	image = c.Image() != nil
	code, rewrites := rewrittenCode(t, c)
	callFunction(t, c, code)
	compiled = c.Warm()
	if !image {
		c.SaveImage(snapshot.State{Size: 65536})
	}
	if err := c.WriteDigests(); err != nil {
		t.Fatal(err)
	}
	return rewrites, image, compiled
}

// TestEnginesShareNothing checks that an engine uses only the rewritten guest, the compiled code
// and the image of its own starts.
func TestEnginesShareNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	used := []string{engines[0], engines[1], engines[3]}
	for _, engine := range used {
		if IsPrepared(configWith(dir, engine)) {
			t.Errorf("engine %.4q is prepared before its first start", engine)
		}
		if rewrites, image, compiled := startEngine(t, configWith(dir, engine)); rewrites != 1 || image || compiled {
			t.Errorf("first start of engine %.4q: %d rewrites, image %t, compiled code %t; want nothing from the cache",
				engine, rewrites, image, compiled)
		}
	}
	for _, engine := range used {
		if !IsPrepared(configWith(dir, engine)) {
			t.Errorf("engine %.4q is not prepared after its first start", engine)
		}
		if rewrites, image, compiled := startEngine(t, configWith(dir, engine)); rewrites != 0 || !image || !compiled {
			t.Errorf("second start of engine %.4q: %d rewrites, image %t, compiled code %t; want all from the cache",
				engine, rewrites, image, compiled)
		}
	}
}

// TestImagesHaveEngine checks that the name of an image has the whole digest of the engine, of
// which the folder has the beginning.
func TestImagesHaveEngine(t *testing.T) {
	names := map[string]bool{}
	for _, engine := range engines {
		names[configWith("", engine).Key.imageName("program")] = true
	}
	if len(names) != len(engines) {
		t.Errorf("%d names of images for %d engines", len(names), len(engines))
	}
}

// TestBundleOfAnotherEngine checks that a bundle is used only with the engine that it was made
// with, even if its folder has the name that the other engine looks for.
func TestBundleOfAnotherEngine(t *testing.T) {
	for _, maker := range engines {
		dir := filepath.Join(t.TempDir(), "bundle")
		startEngine(t, configWith(dir, maker))
		program := configWith("", maker).program()
		if err := WriteBundle(dir, "v1", program, maker); err != nil {
			t.Fatal(err)
		}
		for _, user := range engines {
			cfg := configWith("", user)
			cfg.BundleDir = dir
			c, err := openBundle(cfg)
			if (c != nil) != (user == maker) {
				t.Errorf("bundle of engine %.4q, used with %.4q: cache %v, error %v", maker, user, c != nil, err)
			}
			if err := CheckBundle(dir, program, user); (err == nil) != (user == maker) {
				t.Errorf("bundle of engine %.4q, checked with %.4q: %v", maker, user, err)
			}
			if c != nil {
				c.Close(t.Context())
			}
		}
	}
}

// TestFolderNames checks that the name of the guest can be read from the name of its folder, and
// that unused folders of all engines are recognized.
func TestFolderNames(t *testing.T) {
	for _, guest := range []string{"", "core", "two-words"} {
		for _, engine := range engines {
			folder := Key{Guest: guest, Digest: strings.Repeat("a", 64), Engine: engine}.Folder()
			if got := guestOf(folder); got != guest || !guestFolder.MatchString(folder) {
				t.Errorf("guestOf(%q) = %q, want %q", folder, got, guest)
			}
		}
	}
	if guestFolder.MatchString("photographs") {
		t.Error("a folder of another kind is recognized")
	}
}

// TestDamagedImage checks that an image with the wrong digest is not used. In the cache folder it
// is replaced; a bundle, or a cache that must not change, keeps it.
func TestDamagedImage(t *testing.T) {
	for name, c := range map[string]struct{ bundle, freeze, kept bool }{
		"cache": {}, "frozen cache": {freeze: true, kept: true}, "bundle": {bundle: true, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cache")
			cfg := configWith(dir, "")
			startEngine(t, cfg)
			if c.bundle {
				if err := WriteBundle(dir, "v1", cfg.program(), ""); err != nil {
					t.Fatal(err)
				}
				cfg.BundleDir = dir
			}
			images, _ := filepath.Glob(filepath.Join(dir, "*", imagePrefix+"*"))
			if len(images) != 1 {
				t.Fatalf("images: %v, want one", images)
			}
			write(t, images[0], []byte("{}\n"))
			cache, err := Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if c.freeze {
				cache.Freeze()
			}
			if cache.FromBundle() != c.bundle || cache.Image() != nil {
				t.Errorf("from the bundle: %v; or the image was used", cache.FromBundle())
			}
			if _, err := os.Stat(images[0]); (err == nil) != c.kept {
				t.Errorf("the image is kept: %v, want %v", err == nil, c.kept)
			}
			if err := errors.Join(cache.WriteDigests(), cache.Close(t.Context())); err != nil {
				t.Fatal(err)
			}
			if c.kept {
				return
			}
			startEngine(t, cfg)
			if _, image, _ := startEngine(t, cfg); !image {
				t.Error("the image was not replaced")
			}
		})
	}
}
