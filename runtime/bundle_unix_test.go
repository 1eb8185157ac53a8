//go:build unix

package runtime

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestBundleWritableByOthers checks that files which other users can change are not used.
func TestBundleWritableByOthers(t *testing.T) {
	mode := func(pattern string, to os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Chmod(oneOf(t, filepath.Join(dir, filepath.FromSlash(pattern))), to); err != nil {
				t.Fatal(err)
			}
		}
	}
	for pattern, to := range map[string]os.FileMode{"": 0o775, "test-*": 0o757, "test-*/wazero-*": 0o777, "test-*/wazero-*/*": 0o664} {
		t.Run("mode of "+pattern, func(t *testing.T) { testUnusable(t, "is writable by other users", mode(pattern, to)) })
	}
	t.Run("a link", func(t *testing.T) {
		testUnusable(t, "neither a file nor a folder", func(t *testing.T, dir string) {
			code := oneOf(t, filepath.Join(dir, "test-*", "wazero-*", "*"))
			elsewhere := filepath.Join(t.TempDir(), "code")
			if err := os.Rename(code, elsewhere); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(elsewhere, code); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// TestBundleOwner checks that the bundle must belong to root or to the owner of the program.
func TestBundleOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can change the owner of files")
	}
	const otherUser = 54321
	dir := makeBundle(t)
	program := testProgram
	program.Path = filepath.Join(t.TempDir(), "tabcell")
	write(t, program.Path, []byte("a program"))
	setOwner := func(path string) {
		if err := os.Chown(path, otherUser, otherUser); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range append(slices.Collect(maps.Keys(contents(t, dir))), dir) {
		setOwner(path)
	}
	if warm, log := startWith(t, Config{BundleDir: dir, Program: func() Program { return program }}); warm || log == "" {
		t.Errorf("bundle of another user: warm %v, log %q", warm, log)
	}
	setOwner(program.Path)
	if warm, log := startWith(t, Config{BundleDir: dir, Program: func() Program { return program }}); !warm || log != "" {
		t.Errorf("bundle of the program's owner: warm %v, log %q", warm, log)
	}
}
