package server

import (
	"os"
	"path/filepath"
	"testing"
)

func TestGroupLimit(t *testing.T) {
	root := t.TempDir()
	inner := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		filepath.Join(inner, "memory.max"):     "max\n",
		filepath.Join(root, "a", "memory.max"): "400\n",
		filepath.Join(root, "memory.max"):      "500\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]uint64{"/a/b": 400, "/a": 400, "/": 500, "/missing/group": 500} {
		if got := groupLimit(root, path, "memory.max"); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	if availableMemory() == 0 {
		t.Error("the machine has no memory")
	}
}
