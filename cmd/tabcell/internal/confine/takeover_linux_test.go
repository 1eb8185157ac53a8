//go:build linux && (amd64 || arm64)

package confine

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// childVariable makes the test binary a program that confines itself and then behaves like one that
// an attacker has taken over. Its value is the mode.
const childVariable = "TABCELL_TEST_CONFINE"

// noLandlock makes the child behave like a process on a kernel without Landlock.
const noLandlock = "TABCELL_TEST_NO_LANDLOCK"

// attack is an attempt of code that has taken over the process.
type attack struct {
	part Part // that must prevent it
	name string
	try  func() error
}

// attacks works in the folders that the parent has made. All of them succeed without a wall, except
// for those that root alone may try.
func attacks() []attack {
	port := os.Getenv("TABCELL_TEST_PORT")
	open := func(path string, flags int) func() error {
		return func() error {
			f, err := os.OpenFile(path, flags, 0o600)
			if err == nil {
				err = f.Close()
			}
			return err
		}
	}
	return []attack{
		{Files, "read /etc/passwd", open("/etc/passwd", os.O_RDONLY)},
		{Files, "read a file next to the readable folder", open("secret", os.O_RDONLY)},
		{Files, "write into the readable folder", open("read/new", os.O_WRONLY|os.O_CREATE)},
		{Files, "read a log", open("logs/log", os.O_RDONLY)},
		{Files, "write its own memory", open("/proc/self/mem", os.O_RDWR)},
		{Files, "follow a link out of the writable folder", open("write/link", os.O_RDONLY)},
		{Files, "list a folder", func() error { _, err := os.ReadDir("."); return err }},
		{Files, "change the compiled code", open("prepare/code", os.O_WRONLY)},
		{Files, "add compiled code", open("prepare/new", os.O_WRONLY|os.O_CREATE)},
		{Code, "map executable memory", func() error { return mapMemory(unix.PROT_READ | unix.PROT_EXEC) }},
		{Code, "map writable and executable memory", func() error { return mapMemory(unix.PROT_READ | unix.PROT_WRITE | unix.PROT_EXEC) }},
		{Code, "map memory with unusual protection", func() error { return mapMemory(unix.PROT_EXEC | unix.SYS_PRCTL) }},
		{Code, "make memory executable", protectMemory},
		{Code, "map an executable file", mapFile},
		{SystemCalls, "start a program", func() error { return exec.Command("/bin/true").Run() }},
		{SystemCalls, "fork", fork},
		{SystemCalls, "open a socket", func() error { return socket(unix.AF_INET, unix.SOCK_STREAM) }},
		{SystemCalls, "open a raw socket", func() error { return socket(unix.AF_NETLINK, unix.SOCK_RAW) }},
		{SystemCalls, "connect out", func() error {
			c, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err == nil {
				err = c.Close()
			}
			return err
		}},
		{SystemCalls, "listen", func() error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err == nil {
				err = l.Close()
			}
			return err
		}},
		{SystemCalls, "trace a process", traceNothing},
		{SystemCalls, "read memory of the parent", readParent},
		{SystemCalls, "set up io_uring", setUpRing},
		{SystemCalls, "change the personality", func() error { return call(unix.SYS_PERSONALITY, 0xffffffff, 0, 0) }},
		{SystemCalls, "signal another process", func() error { return call(unix.SYS_TGKILL, uintptr(os.Getppid()), uintptr(os.Getppid()), 0) }},
		{SystemCalls, "type into the terminal", func() error { return typeText(unix.TIOCSTI) }},
		{SystemCalls, "type into the terminal with high bits", func() error { return typeText(1<<32 | unix.TIOCSTI) }},
		{Dumps, "become dumpable", func() error { return dumpable() }},
		{Privileges, "keep capabilities", func() error {
			if !hasCapabilities() {
				return unix.EPERM
			}
			return nil
		}},
	}
}

func call(number, a, b, c uintptr) error {
	if r, _, errno := syscall.Syscall6(number, a, b, c, 0, 0, 0); errno != 0 {
		return fmt.Errorf("result %d: %w", int(r), errno)
	}
	return nil
}

func mapMemory(prot int) error {
	mem, err := unix.Mmap(-1, 0, 4096, prot, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err == nil {
		err = unix.Munmap(mem)
	}
	return err
}

func protectMemory() error {
	mem, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return err
	}
	return errors.Join(unix.Mprotect(mem, unix.PROT_READ|unix.PROT_EXEC), unix.Munmap(mem))
}

func mapFile() error {
	f, err := os.Open("read/file")
	if err != nil {
		return err
	}
	defer f.Close()
	mem, err := unix.Mmap(int(f.Fd()), 0, 1, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE)
	if err == nil {
		err = unix.Munmap(mem)
	}
	return err
}

// fork tries to create a process. A child that exists ends at once.
func fork() error {
	pid, err := syscall.ForkExec("/bin/true", []string{"true"}, nil)
	if err == nil {
		_, err = syscall.Wait4(pid, nil, 0, nil)
	}
	return err
}

func socket(domain, kind int) error {
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Close(fd)
	}
	return err
}

// readParent reads no bytes, so that it needs no valid address.
func readParent() error {
	_, err := unix.ProcessVMReadv(os.Getpid(), []unix.Iovec{}, []unix.RemoteIovec{}, 0)
	return err
}

// traceNothing detaches from a process that does not exist: a traced process would stop.
func traceNothing() error {
	if err := call(unix.SYS_PTRACE, unix.PTRACE_DETACH, 0, 0); !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

// setUpRing passes no parameters, which is an invalid address.
func setUpRing() error {
	if err := call(unix.SYS_IO_URING_SETUP, 1, 0, 0); !errors.Is(err, unix.EFAULT) {
		return err
	}
	return nil
}

// typeText uses a file that is not a terminal.
func typeText(request uintptr) error {
	f, err := os.Open("read/file")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := call(unix.SYS_IOCTL, f.Fd(), request, 0); !errors.Is(err, unix.ENOTTY) {
		return err
	}
	return nil
}

func dumpable() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
		return err
	}
	if flag, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || flag != 1 {
		return fmt.Errorf("the flag is %d, error %v", flag, err)
	}
	return nil
}

// rights has the operations that a confined server needs.
var rights = []struct {
	name string
	try  func() error
}{
	{"read a file", func() error { _, err := os.ReadFile("read/file"); return err }},
	{"read its status", func() error { _, err := os.ReadFile("/proc/self/status"); return err }},
	{"list a folder", func() error { _, err := os.ReadDir("write"); return err }},
	{"replace a file", func() error {
		if err := os.MkdirAll("write/tmp", 0o700); err != nil {
			return err
		}
		err := os.WriteFile("write/tmp/a", []byte("x"), 0o600)
		return errors.Join(err, os.Rename("write/tmp/a", "write/a"), os.Remove("write/a"), os.Remove("write/tmp"))
	}},
	{"rotate a log", func() error {
		return errors.Join(os.Rename("logs/log", "logs/log.1"), os.WriteFile("logs/log", nil, 0o600))
	}},
	{"read the compiled code", func() error { _, err := os.ReadFile("prepare/code"); return err }},
	{"start threads", startThreads},
}

// startThreads starts more threads than the process had.
func startThreads() error {
	done := make(chan error)
	for range 20 {
		go func() {
			var fds [2]int
			err := unix.Pipe2(fds[:], unix.O_CLOEXEC)
			done <- errors.Join(err, unix.Close(fds[0]), unix.Close(fds[1]))
		}()
	}
	var err error
	for range 20 {
		err = errors.Join(err, <-done)
	}
	return err
}

// TestTakeover runs the attacks in a confined process and, to show that they are real, in one
// without a wall.
func TestTakeover(t *testing.T) {
	support := Support()
	for _, mode := range []string{Auto, Off} {
		t.Run(mode, func(t *testing.T) {
			out := runChild(t, mode)
			for _, a := range attacks() {
				want := "refused " + a.name + "\n"
				if mode == Off {
					want = "done " + a.name + "\n"
				} else if !support.Up[a.part] {
					t.Logf("%s is not tested: %s", a.name, support.Reasons[a.part])
					continue
				}
				if !strings.Contains(out, want) && !(mode == Off && a.part == Privileges && os.Getuid() != 0) {
					t.Errorf("want %q in\n%s", want, out)
				}
			}
			for _, right := range rights {
				if !strings.Contains(out, "done "+right.name+"\n") {
					t.Errorf("%s failed:\n%s", right.name, out)
				}
			}
		})
	}
}

func TestRequire(t *testing.T) {
	support := Support()
	if err := support.check(false); err != nil {
		t.Skip(err)
	}
	if out := runChild(t, Require); !strings.Contains(out, "refused read /etc/passwd") {
		t.Error(out)
	}
	support.set(Ports, errors.New("too old"))
	if err := support.check(true); support.check(false) != nil || err == nil || !strings.Contains(err.Error(), "ports: too old") {
		t.Errorf("scripts that connect without a limit to ports: %v", err)
	}
	support.set(Files, errors.New("no reason"))
	if err := support.check(false); err == nil || !strings.Contains(err.Error(), "files: no reason") {
		t.Errorf("an incomplete wall: %v", err)
	}
}

// TestWithoutLandlock checks that the filter of system calls works alone, and that the mode Require
// does not accept that.
func TestWithoutLandlock(t *testing.T) {
	if err := FilterSupported(); err != nil {
		t.Skip(err)
	}
	out := runChild(t, Auto, noLandlock+"=1")
	for _, a := range attacks() {
		if a.part != Files && !strings.Contains(out, "refused "+a.name+"\n") {
			t.Errorf("%s was not refused:\n%s", a.name, out)
		}
	}
	if want := "done read /etc/passwd\n"; !strings.Contains(out, want) {
		t.Errorf("want %q in\n%s", want, out)
	}
	if out := runChild(t, Require, noLandlock+"=1"); !strings.Contains(out, "cannot confine the server (files: the kernel does not offer Landlock") {
		t.Error(out)
	}
}

// runChild runs the attacks in a process with the given mode and returns its output.
func runChild(t *testing.T, mode string, environ ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	for _, folder := range []string{"read", "write", "logs", "prepare"} {
		err = errors.Join(err, os.Mkdir(filepath.Join(dir, folder), 0o700))
	}
	for _, file := range []string{"read/file", "secret", "logs/log", "prepare/code"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, file), []byte("content"), 0o600))
	}
	if err := errors.Join(err, os.Symlink("../secret", filepath.Join(dir, "write/link"))); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestTakenOver$", "-test.v")
	child.Dir = dir
	_, port, _ := net.SplitHostPort(l.Addr().String())
	child.Env = append(append(os.Environ(), childVariable+"="+mode, "TABCELL_TEST_PORT="+port), environ...)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}

// TestTakenOver is the confined process.
func TestTakenOver(t *testing.T) {
	mode := os.Getenv(childVariable)
	if mode == "" {
		t.Skip("runs in a process of TestTakeover only")
	}
	if os.Getenv(noLandlock) != "" {
		hideLandlock(t)
	}
	support := Support()
	wall, err := Build(mode, Plan{Read: []string{"read", "/proc/self", "missing"}, Write: []string{"write"}, Prepare: []string{"prepare"}, Logs: []string{"logs"}})
	if err != nil && os.Getenv(noLandlock) != "" {
		fmt.Println(err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := mapMemory(unix.PROT_READ | unix.PROT_EXEC); err != nil {
		t.Errorf("before Seal: %v", err)
	}
	if err := os.WriteFile("prepare/more", nil, 0o600); err != nil {
		t.Errorf("before Seal: %v", err)
	}
	if err := wall.Seal(); err != nil {
		t.Fatal(err)
	}
	for _, right := range rights {
		report(right.name, right.try())
	}
	for _, a := range attacks() {
		report(a.name, a.try())
	}
	for part, up := range wall.State().Up {
		if up != (mode != Off && support.Up[part]) {
			t.Errorf("%s is up: %v; %s", part, up, wall.State().Missing())
		}
	}
}

// hideLandlock makes the kernel answer like one without Landlock.
func hideLandlock(t *testing.T) {
	t.Helper()
	err := installFilters([]seccomp.Policy{{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{
		{Names: []string{"landlock_create_ruleset"}, Action: errnoENOSYS},
	}}})
	if err != nil {
		t.Fatal(err)
	}
}

// report prints the outcome of an attempt. A failure for another reason than the wall is neither
// done nor refused.
func report(name string, err error) {
	switch {
	case err == nil:
		fmt.Println("done " + name)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		fmt.Println("refused " + name)
	default:
		fmt.Printf("failed %s: %v\n", name, err)
	}
}
