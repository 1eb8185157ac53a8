//go:build console && linux

package console

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// installModules returns a folder with the packages that the console's lock file names. It is in the
// user's cache folder, and its name depends on the lock file. npm compares the digests of all
// packages with those in the lock file.
func installModules(t *testing.T) string {
	t.Helper()
	web := testenv.File("httpapi/console/web")
	lock := testenv.ReadFile(t, filepath.Join(web, "package-lock.json"))
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "tabcell-console", fmt.Sprintf("%x", sha256.Sum256([]byte(lock)))[:16])
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return dir
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		testenv.WriteFile(t, filepath.Join(dir, name), testenv.ReadFile(t, filepath.Join(web, name)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), testenv.Scaled(5*time.Minute))
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("cannot install the packages of %s: %v\n%s", web, err, out)
	}
	testenv.WriteFile(t, filepath.Join(dir, "complete"), "")
	return dir
}
