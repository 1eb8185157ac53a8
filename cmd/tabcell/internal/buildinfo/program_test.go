package buildinfo

import (
	"os"
	"path/filepath"
	"testing"

	"tabcell/settings"
)

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
