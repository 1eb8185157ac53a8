package buildinfo

import (
	"bytes"
	"os"
	"path/filepath"
	goruntime "runtime"
	"testing"

	"tabcell/runtime/osfile"
	"tabcell/settings"
)

// TestIdentity checks that Go programs for Linux are identified by their build ID, and all other
// files by their content.
func TestIdentity(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("a/b/c/d"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := identity(text), osfile.Digest([]byte("a/b/c/d")); got != want {
		t.Errorf("a text: %q, want %q", got, want)
	}
	if got := identity(filepath.Join(dir, "missing")); got != "" {
		t.Errorf("a missing file: %q", got)
	}
	if goruntime.GOOS != "linux" {
		return
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	if got := identity(own); len(got) != 64 || got == osfile.Digest(content) || got != Program().Digest {
		t.Errorf("this program: %q", got)
	}
	id := buildID(own)
	at := bytes.Index(content, id)
	if at < 0 {
		t.Fatalf("the program does not contain its build ID %q", id)
	}
	content[at+len(id)-8] ^= 1 // the last characters of the hash of the content
	changed := filepath.Join(dir, "changed")
	if err := os.WriteFile(changed, content, 0o700); err != nil {
		t.Fatal(err)
	}
	if identity(changed) == identity(own) {
		t.Error("builds with other content have the same identity")
	}
	copy(content[at+16:], bytes.Repeat([]byte{'x'}, len(id)-16)) // no hashes
	if err := os.WriteFile(changed, content, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := identity(changed); got != osfile.Digest(content) {
		t.Errorf("a program without hashes in its build ID: %q", got)
	}
}

// TestCodeDir checks which of several folders of compiled code a program uses.
func TestCodeDir(t *testing.T) {
	root := t.TempDir()
	program, configured := filepath.Join(root, "bin", "tabcell"), settings.Cells{CodeDir: "/elsewhere"}
	if got := CodeDir(settings.Cells{}, program); got != "" {
		t.Errorf("without a folder: %q", got)
	}
	for _, dir := range []string{filepath.Join(root, "lib", "tabcell", CodeFolder), filepath.Join(root, "bin", CodeFolder)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if got := CodeDir(settings.Cells{}, program); got != dir {
			t.Errorf("got %q, want %q", got, dir)
		}
	}
	if got := CodeDir(configured, program); got != "/elsewhere" {
		t.Errorf("a configured folder: %q", got)
	}
	if got := CodeDir(settings.Cells{}, filepath.Join(root, "sbin", "tabcell")); got != "" {
		t.Errorf("a program that is not in bin: %q", got)
	}
	if got := CodeDir(settings.Cells{}, ""); got != "" {
		t.Errorf("an unknown program: %q", got)
	}
}
