package gotool

import (
	"path/filepath"
	"testing"
)

// TestDefaultOut checks the default path of the program.
func TestDefaultOut(t *testing.T) {
	for system, want := range map[string]string{"linux": "tabcell", "windows": "tabcell.exe"} {
		out, err := Tool{}.defaultOut([]string{"GOOS=" + system})
		if err != nil || filepath.Base(out) != want || filepath.Base(filepath.Dir(out)) != "dist" {
			t.Errorf("%s: %q, error %v", system, out, err)
		}
	}
}
