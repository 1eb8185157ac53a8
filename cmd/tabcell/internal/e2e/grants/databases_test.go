//go:build grants && linux

package grants

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/runtime/wheel"
)

// drivers are the wheels of the drivers, with their dependencies beyond the core guest.
var drivers = []string{"pg8000==1.31.6", "scramp==1.5.0", "asn1crypto==1.5.1", "PyMySQL==1.2.4"}

// driverEngine returns an engine with the drivers, which pip downloads once.
var driverEngine = sync.OnceValues(func() (*runtime.Engine, error) {
	dir := filepath.Join(testenv.CacheDir(), "drivers")
	args := append([]string{"-m", "pip", "download", "-q", "--no-deps", "-d", dir}, drivers...)
	if out, err := exec.Command("python3", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	folder, err := packages.Open(dir)
	if err != nil {
		return nil, err
	}
	guest, err := assets.Core()
	if err != nil {
		return nil, err
	}
	guest.LibraryDigest = ""
	err = server.AddResources(&guest, func(all map[string][]byte) error { wheel.Add(all, folder.Used()); return nil })
	if err != nil {
		return nil, err
	}
	return harness.StartEngine(runtime.Config{
		Guest: runtime.Guest(guest), Verify: true, Limits: runtime.Limits{Timeout: testenv.Scaled(30 * time.Second), Memory: 512 << 20},
	})
})

// daemon is a server of Debian under test, which runs as another user.
type daemon struct {
	t    *testing.T
	user *syscall.Credential // nil: the user of the test
	dir  string              // belongs to the user
	port string
}

// newDaemon returns a daemon that runs as the named user if the test runs as root.
func newDaemon(t *testing.T, name string) *daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &daemon{t: t, dir: dir, port: strconv.Itoa(testenv.FreePort(t))}
	if os.Getuid() != 0 {
		return d
	}
	account, err := user.Lookup(name)
	if err != nil {
		t.Skip(err)
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	d.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *daemon) path(name string) string { return filepath.Join(d.dir, name) }

// write creates files that belong to the user.
func (d *daemon) write(files map[string]string) {
	d.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		testenv.WriteFile(d.t, d.path(name), files[name])
		d.chown(name)
	}
}

// chown gives a file or folder to the user.
func (d *daemon) chown(name string) {
	d.t.Helper()
	if d.user == nil {
		return
	}
	if err := os.Chown(d.path(name), int(d.user.Uid), int(d.user.Gid)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daemon) command(name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(context.Background(), name, args...)
	c.Dir, c.SysProcAttr = d.dir, &syscall.SysProcAttr{Credential: d.user}
	return c
}

// run runs a program to its end.
func (d *daemon) run(name string, args ...string) {
	d.t.Helper()
	if out, err := d.command(name, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// start starts a server and stops it at the end of the test.
func (d *daemon) start(name string, args ...string) {
	d.t.Helper()
	c, output := d.command(name, args...), testenv.NewOutput()
	c.Stdout, c.Stderr = output, output
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
		if d.t.Failed() {
			d.t.Logf("%s: %s", name, output)
		}
	})
	awaitPort(d.t, d.port)
}

// awaitPort waits until a server accepts connections.
func awaitPort(t *testing.T, port string) {
	t.Helper()
	limit := testenv.Scaled(30 * time.Second)
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			c.Close()
			return
		}
	}
	t.Fatalf("no server on port %s after %v", port, limit)
}

// find returns the path of a program, and skips the test without it.
func find(t *testing.T, patterns ...string) string {
	t.Helper()
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	t.Skipf("none of %s is installed", strings.Join(patterns, ", "))
	return ""
}
