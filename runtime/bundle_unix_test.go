//go:build unix

package runtime

import (
	"os"
	"path/filepath"
	"testing"
)

// TestShippedCodeOfOthers: what somebody besides root and the program's owner can write is not
// used.
func TestShippedCodeOfOthers(t *testing.T) {
	mode := func(pattern string, to os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Chmod(oneOf(t, filepath.Join(dir, filepath.FromSlash(pattern))), to); err != nil {
				t.Fatal(err)
			}
		}
	}
	for pattern, to := range map[string]os.FileMode{"": 0o775, "test-*": 0o757, "test-*/wazero-*": 0o777, "test-*/wazero-*/*": 0o664} {
		t.Run("mode of "+pattern, func(t *testing.T) { refused(t, "is writable by other users", mode(pattern, to)) })
	}
	t.Run("a link", func(t *testing.T) {
		refused(t, "neither a file nor a folder", func(t *testing.T, dir string) {
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

// TestShippedCodeByOwner needs to give files away.
func TestShippedCodeByOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const somebody = 54321
	dir := shipTestGuest(t)
	program := thisProgram
	program.Path = filepath.Join(t.TempDir(), "tabcell")
	write(t, program.Path, []byte("a program"))
	give := func(path string) {
		if err := os.Chown(path, somebody, somebody); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range append(keys(contents(t, dir)), dir) {
		give(path)
	}
	if warm, log := startWith(t, Config{BundleDir: dir, Program: func() Program { return program }}); warm || log == "" {
		t.Errorf("of a stranger: warm %v, log %q", warm, log)
	}
	give(program.Path)
	if warm, log := startWith(t, Config{BundleDir: dir, Program: func() Program { return program }}); !warm || log != "" {
		t.Errorf("of the program's account: warm %v, log %q", warm, log)
	}
}

func keys(m map[string]string) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}
