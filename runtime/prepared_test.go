package runtime

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestPrepared starts a prepared guest from the cache, and without the files of the cache.
func TestPrepared(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	cfg := Config{Guest: cachedGuest(), CacheDir: dir, Program: runningProgram, Verify: true}
	startCached(t, dir)
	if !IsPrepared(cfg) {
		t.Fatal("the guest is not in the cache")
	}
	image := oneOf(t, filepath.Join(dir, "*", "image-*"))
	content := readFile(t, image)
	for _, c := range []struct {
		name  string
		image []byte
	}{{"image", content}, {"damaged image", append([]byte("x"), content...)}} {
		t.Run(c.name, func(t *testing.T) {
			writeFile(t, image, content)
			p, err := Prepare(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, image, c.image)
			e, err := p.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if r, err := evaluate(e, "eyes"); err != nil || string(r.Body) != "yes" {
				t.Errorf("the script returned %q, error %v", r.Body, err)
			}
			if got := readFile(t, image); string(got) != string(c.image) {
				t.Error("the start changed the cache")
			}
		})
	}
}

func TestPreparedRouter(t *testing.T) {
	for _, used := range []bool{true, false} {
		small := newEngine(t, nil)
		p, err := Prepare(t.Context(), Config{Guest: bareGuest("large", testGuest)})
		if err != nil {
			t.Fatal(err)
		}
		r := NewPreparedRouter(t.Context(), small, []string{"scipy"}, p)
		if !r.Prepared() || NewRouter(small, nil, nil).Prepared() {
			t.Error("Prepared is wrong")
		}
		if used {
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := r.WaitLoaded(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("before the load: %v", err)
			}
			if result, err := evaluate(r, "eimport scipy"); err != nil || string(result.Body) != "import scipy" {
				t.Errorf("the script returned %q, error %v", result.Body, err)
			}
			if err := r.WaitLoaded(ended); err != nil {
				t.Errorf("after the load: %v", err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := evaluate(r, "eimport scipy"); !errors.Is(err, ErrClosed) && !errors.Is(err, ErrCrash) {
			t.Errorf("after Close: %v", err)
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
