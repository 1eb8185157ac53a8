package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// ReleaseVersion is the version of the files that Release builds.
const ReleaseVersion = "1.0.0-dev.1"

// Release returns a folder with the images and the chart of a release for this processor, without
// compiled code. It builds them once in a process. TABCELL_MANUAL_RELEASE names a folder that has
// them already.
func Release(t testing.TB) string {
	t.Helper()
	dir, err := builtRelease()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var builtRelease = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("TABCELL_MANUAL_RELEASE"); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "tabcell-manual-")
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "release")
	build := exec.Command("go", "run", "./cmd/dist", "release", "-version", ReleaseVersion, "-platforms", "linux/amd64", "-formats", "image,chart", "-o", dir)
	build.Dir, build.Stdout, build.Stderr = testenv.File("."), os.Stderr, os.Stderr
	return dir, build.Run()
})
