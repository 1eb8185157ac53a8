package confine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestProtects checks which folders a process cannot write to after Seal.
func TestProtects(t *testing.T) {
	dir := t.TempDir()
	full := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	err := errors.Join(os.MkdirAll(full("data/cache"), 0o700), os.MkdirAll(full("logs"), 0o700), os.Mkdir(full("cache"), 0o700))
	if err != nil {
		t.Fatal(err)
	}
	up := newState()
	up.set(Files, nil)
	w := &Wall{mode: Auto, state: up, plan: Plan{Write: []string{full("data"), "", full("missing")}, Logs: []string{full("logs")}}}
	for name, want := range map[string]bool{
		"cache": true, "data-of-others": true, "missing": false,
		"data": false, "data/cache": false, "logs": false, "logs/cache": false, "cache/../data": false,
	} {
		if got := w.Protects(full(name)); got != want {
			t.Errorf("%s is protected: %v, want %v", name, got, want)
		}
	}
	if err := os.Symlink(full("data/cache"), full("link")); err == nil && w.Protects(full("link")) {
		t.Error("a link into a writable folder is protected")
	}
	w.state.set(Files, errors.New("no Landlock"))
	if w.Protects(full("cache")) || (*Wall)(nil).Protects(full("cache")) {
		t.Error("a folder is protected without the part files")
	}
}
