//go:build install && linux

package packages

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// These tests install the real packages. They need root on Debian or a relative, and change nothing
// on it: each works in a file system of its own, over that of this host.

// host is the root folder of such a file system.
type host struct {
	t    *testing.T
	root string
}

// newHost returns the root folder of a host with /proc and /dev.
func newHost(t *testing.T) host {
	t.Helper()
	h := newRoot(t)
	mount(t, "proc", h.path("proc"), "proc", 0, "")
	mount(t, "/dev", h.path("dev"), "", unix.MS_BIND, "")
	return h
}

// newRoot mounts a file system over that of this host, whose changes are in memory.
func newRoot(t *testing.T) host {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("installing packages needs root")
	}
	if _, err := os.Stat("/usr/bin/tabcell"); err == nil {
		t.Skip("tabcell is installed on this host")
	}
	dir := t.TempDir()
	layers, root := filepath.Join(dir, "layers"), filepath.Join(dir, "root")
	upper, work := filepath.Join(layers, "upper"), filepath.Join(layers, "work")
	makeFolders(t, layers, root)
	mount(t, "tmpfs", layers, "tmpfs", 0, "mode=755")
	makeFolders(t, upper, work)
	mount(t, "overlay", root, "overlay", 0, "lowerdir=/,upperdir="+upper+",workdir="+work)
	h := host{t, root}
	h.remove("/usr/sbin/policy-rc.d", "/etc/machine-id", "/var/lib/man-db/auto-update") // the policy of containers forbids services
	return h
}

func makeFolders(t *testing.T, all ...string) {
	t.Helper()
	for _, dir := range all {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// mount mounts a file system until the end of the test.
func mount(t *testing.T, source, target, kind string, flags uintptr, data string) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		t.Skipf("this host cannot mount %s: %v", kind, err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(target, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// path returns the path of a file of the host.
func (h host) path(name string) string { return filepath.Join(h.root, name) }

// remove removes files of the host.
func (h host) remove(names ...string) {
	h.t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(h.path(name)); err != nil {
			h.t.Fatal(err)
		}
	}
}

// add copies a file into a folder of the host.
func (h host) add(file, folder string) {
	h.t.Helper()
	makeFolders(h.t, h.path(folder))
	in, err := os.Open(file)
	if err != nil {
		h.t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(h.path(filepath.Join(folder, filepath.Base(file))))
	if err == nil {
		_, err = io.Copy(out, in)
	}
	if err != nil || out.Close() != nil {
		h.t.Fatal(err)
	}
}

// state returns the owner, group and mode of a file, or "" if it does not exist.
func (h host) state(name string) string {
	h.t.Helper()
	text, err := exec.Command("chroot", h.root, "stat", "-c", "%U %G %a", name).CombinedOutput()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// check compares the states of files, of which "" means that there is none.
func (h host) check(when string, want map[string]string) {
	h.t.Helper()
	for name, state := range want {
		if got := h.state(name); got != state {
			h.t.Errorf("%s: %s is %q, want %q", when, name, got, state)
		}
	}
}

// run runs a program of this host and returns its output.
func (h host) run(args ...string) string {
	h.t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
	text, err := cmd.CombinedOutput()
	if err != nil {
		h.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return string(text)
}

// releases has the packages of two versions.
type releases struct{ first, second map[string]string }

// buildFolder has the packages of all tests.
var buildFolder string

func TestMain(m *testing.M) {
	var err error
	if buildFolder, err = os.MkdirTemp("", "tabcell-install-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(buildFolder)
	os.Exit(code)
}

// repository is the root of the source tree.
var repository = filepath.Join("..", "..", "..", "..")

// installOptions returns the options of packages of the program in TABCELL_INSTALL_PROGRAM, or of one
// that is built here once, with the files that this program generates.
var installOptions = sync.OnceValues(func() (Options, error) {
	program, staged := os.Getenv("TABCELL_INSTALL_PROGRAM"), filepath.Join(buildFolder, "staged")
	if program == "" {
		program = filepath.Join(buildFolder, "tabcell")
		build := exec.Command("go", "run", "./cmd/dist", "-o", program)
		build.Dir = repository
		if text, err := build.CombinedOutput(); err != nil {
			return Options{}, fmt.Errorf("%w: %s", err, text)
		}
	}
	if text, err := exec.Command(program, "generate", "--date", "2026-11-29", staged).CombinedOutput(); err != nil {
		return Options{}, fmt.Errorf("%w: %s", err, text)
	}
	return Options{
		Root: repository, Version: "1.0.0", Arch: "amd64", Program: program, Staged: staged,
		Modified: time.Unix(1_796_000_000, 0), Out: buildFolder,
	}, nil
})

// built builds the packages once for all tests. The folder of compiled code in TABCELL_INSTALL_CODE
// has to fit the program. TABCELL_INSTALL_DEB is a package of an earlier version, which takes the
// place of the first one.
var built = sync.OnceValues(func() (releases, error) {
	o, err := installOptions()
	if err != nil {
		return releases{}, err
	}
	o.Code, o.Formats = os.Getenv("TABCELL_INSTALL_CODE"), []string{"deb", "rpm"}
	first, err := Build(o)
	if err != nil {
		return releases{}, err
	}
	o.Version = "1.0.1"
	second, err := Build(o)
	all := releases{byName(first), byName(second)}
	if deb := os.Getenv("TABCELL_INSTALL_DEB"); deb != "" {
		all.first["tabcell.deb"] = deb
	}
	return all, err
})

// byName returns the paths by the name of the package and its format, such as tabcell.deb.
func byName(paths []string) map[string]string {
	all := map[string]string{}
	for _, path := range paths {
		name, _, _ := strings.Cut(filepath.Base(path), "1.0.")
		all[strings.TrimRight(name, "_-")+filepath.Ext(path)] = path
	}
	return all
}

// builtPackages returns the packages of two versions.
func builtPackages(t *testing.T) releases {
	t.Helper()
	all, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return all
}
