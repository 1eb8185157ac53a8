package buildinfo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersion checks that the version that cmd/dist links into the program has precedence.
func TestVersion(t *testing.T) {
	if v := Current().Version; v == "" {
		t.Error("a program without version must say so")
	}
	version, revision, modified = "1.2.3", "abcdef", "true"
	t.Cleanup(func() { version, revision, modified = "", "", "" })
	if i := Current(); i.Version != "1.2.3" || i.Revision != "abcdef" || !i.Modified {
		t.Errorf("version %s, revision %s, modified %t", i.Version, i.Revision, i.Modified)
	}
}

// TestReadFile checks the errors for files that are not programs of tabcell. A release reads the
// programs of all platforms.
func TestReadFile(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{text: "text: ", "missing": "missing: ", test: "buildinfo.test, not tabcell"} {
		if _, err := ReadFile(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ReadFile(%s): error %v, want %q", file, err, want)
		}
	}
}
