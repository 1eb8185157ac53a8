//go:build unix

package codecache

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"tabcell/runtime/osfile"

	"golang.org/x/sys/unix"
)

// contentOf returns the digests of all files below dir, by path.
func contentOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	c := Cache{dir: dir}
	files, err := c.files()
	if err != nil {
		t.Fatal(err)
	}
	digests, err := c.digests(files)
	if err != nil || len(digests) == 0 {
		t.Fatalf("%d files, error %v", len(digests), err)
	}
	return digests
}

// A process that may not open enough files finds its compiled code unreadable, which does not make
// the code wrong. TestTooFewFiles permits one more file at a time until the cache can be used.
func TestTooFewFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	startWith(t, dir, "program")
	before := contentOf(t, dir)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	open := func(files uint64) (used bool) {
		few := unix.Rlimit{Cur: files, Max: limit.Max}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
			t.Fatal(err)
		}
		c, err := Open(t.Context(), Config{Key: keyOf("guest"), CacheDir: dir})
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		if errors.Is(err, unix.EMFILE) {
			return false
		}
		if err != nil {
			t.Fatalf("with %d files, Open fails: %v", files, err)
		}
		defer c.Close(t.Context())
		return c.Wazero() != nil
	}
	unusable := 0
	for files := uint64(3); !open(files); files++ {
		unusable++
		if after := contentOf(t, dir); !maps.Equal(after, before) {
			t.Fatalf("with %d files, the cache has %v, want %v", files, after, before)
		}
	}
	if unusable == 0 {
		t.Error("no limit made the cache unusable")
	}
	if after := contentOf(t, dir); !maps.Equal(after, before) {
		t.Errorf("the cache has %v, want %v", after, before)
	}
}

// A folder that cannot be created or written is not used, and does not end the start.
func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	unlockable := filepath.Join(t.TempDir(), "cache")
	if err := os.MkdirAll(filepath.Join(unlockable, keyOf("guest").Folder(), lockName), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Join(file, "cache"), unlockable} {
		c, err := Open(t.Context(), Config{Key: keyOf("guest"), CacheDir: dir})
		if err != nil || c.Wazero() != nil || c.Warm() {
			t.Errorf("%s: error %v", dir, err)
			continue
		}
		if err := c.WriteDigests(); err != nil {
			t.Error(err)
		}
		_ = c.Close(t.Context())
	}
	if osfile.CurrentUser() == 0 {
		return // permissions do not stop root
	}
	dir := filepath.Join(t.TempDir(), "cache")
	startWith(t, dir, "program")
	before := contentOf(t, dir)
	path := filepath.Join(dir, keyOf("guest").Folder(), rewrittenPrefix+"program")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if c, err := Open(t.Context(), Config{Key: keyOf("guest"), CacheDir: dir}); err != nil || c.Wazero() != nil {
		t.Errorf("unreadable file: error %v", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if after := contentOf(t, dir); !maps.Equal(after, before) {
		t.Errorf("the cache has %v, want %v", after, before)
	}
}

// The code of a guest is found without its image, in the cache folder, and in a bundle only if the
// program can use that.
func TestHasCode(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	cfg := Config{Key: keyOf("guest"), CacheDir: dir}
	if HasCode(cfg) {
		t.Error("code was found before the first start")
	}
	startWith(t, dir, "program")
	if !HasCode(cfg) || IsPrepared(cfg) {
		t.Errorf("code %t, image %t; want the code only", HasCode(cfg), IsPrepared(cfg))
	}
	if HasCode(Config{Key: keyOf("other"), CacheDir: dir}) || HasCode(Config{Key: keyOf("guest")}) {
		t.Error("the code of another guest was found")
	}
	bundle := Config{Key: keyOf("guest"), BundleDir: dir, Program: func() Program { return Program{Digest: "another program"} }}
	if HasCode(bundle) {
		t.Error("a folder that is no code bundle was found")
	}
}
