package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"syscall"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"

	"golang.org/x/sys/unix"
)

// cacheWithCore returns a cache folder in which only the core guest is compiled.
func cacheWithCore(t *testing.T) (dir string) {
	t.Helper()
	harness.Core(t)
	core, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	folder := runtime.CodeFolder(runtime.Guest(core))
	dir = t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(testenv.CacheDir(), folder))); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o700)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// startOnOneProcessor starts a program that sees one processor.
func startOnOneProcessor(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	goruntime.LockOSThread() // never unlocked, so that the thread with this affinity ends with the test
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	for cpu := range len(all) * 64 {
		if all.IsSet(cpu) {
			one.Set(cpu)
			break
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// TestStopWhileCompiling stops a server while it compiles the full guest in the background with one
// worker, which the released engine does not interrupt. Compiling takes minutes on one processor.
func TestStopWhileCompiling(t *testing.T) {
	dir, output := cacheWithCore(t), testenv.NewOutput()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{
		Path: program, Args: []string{"tabcell", "--port", "0", "--guest", "auto"}, Stdout: output, Stderr: output,
		Env: append(os.Environ(), "TABCELL_CACHE_DIR="+dir, "XDG_CONFIG_HOME="+t.TempDir()),
	}
	startOnOneProcessor(t, cmd)
	output.Find(t, `(the Python guest \\"core\\" was loaded from the cache)`)
	output.Find(t, `(compiling the Python guest \\"full\\")`)
	begun := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v\n%s", err, output)
	}
	if took, limit := time.Since(begun), testenv.Scaled(5*time.Second); took > limit {
		t.Errorf("the server has ended after %v, no earlier than %v\n%s", took, limit, output)
	}
	digests, err := filepath.Glob(filepath.Join(dir, "full-*", "DIGESTS"))
	if err != nil || len(digests) > 0 {
		t.Errorf("the next start would trust files of the unfinished one: %q, error %v", digests, err)
	}
}
