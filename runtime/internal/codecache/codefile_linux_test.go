package codecache

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/runtime/internal/engineid"

	"github.com/tetratelabs/wazero"
	"golang.org/x/sys/unix"
)

// largeFunction returns a module whose exported function "f" has more than 64 KiB of machine code.
// It is (module (global (mut i32) (i32.const 1)) (func (export "f") ...)).
func largeFunction() []byte {
	leb := func(n int) []byte { return []byte{byte(n)&0x7f | 0x80, byte(n>>7)&0x7f | 0x80, byte(n >> 14)} }
	body := []byte{0}
	for i := range 20_000 { // global.get 0, i32.const i, i32.xor, global.set 0
		body = append(body, 0x23, 0, 0x41, byte(1+i%63), 0x73, 0x24, 0)
	}
	body = append(body, 0x0b)
	code := append(append([]byte{1}, leb(len(body))...), body...)
	module := append([]byte{}, oneFunction[:18]...)                                     // the header, types and functions
	module = append(module, 6, 6, 1, 0x7f, 1, 0x41, 1, 0x0b, 7, 5, 1, 1, 'f', 0, 0, 10) // globals, exports
	return append(append(module, leb(len(code))...), code...)
}

// codePath returns the path of the only file with compiled code in a cache folder.
func codePath(t *testing.T, dir string) string {
	t.Helper()
	marks, _ := filepath.Glob(filepath.Join(dir, "*", markPrefix+"*"))
	if len(marks) != 1 {
		t.Fatalf("marks of compiled code: %v, want one", marks)
	}
	name, err := os.ReadFile(marks[0])
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(filepath.Dir(marks[0]), string(name))
}

// openAndRun is runLarge with the cache folder dir.
func openAndRun(t *testing.T, dir string, changed func()) (mapped []string, warm bool) {
	t.Helper()
	return runLarge(t, Config{Key: keyOf("guest"), CacheDir: dir}, changed)
}

// runLarge opens the cache, calls changed, and then compiles and calls the large function. It
// returns the executable mappings of files in the cache or bundle while the code is in use, and
// whether the code came from there.
func runLarge(t *testing.T, cfg Config, changed func()) (mapped []string, warm bool) {
	t.Helper()
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	changed()
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().WithCompilationCache(c.Wazero()))
	defer r.Close(t.Context())
	m, err := compileLarge(t, c, r)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := r.InstantiateModule(t.Context(), m, wazero.NewModuleConfig())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := instance.ExportedFunction("f").Call(t.Context()); err != nil {
		t.Fatal(err)
	}
	warm = c.Warm()
	if err := c.WriteDigests(); err != nil {
		t.Fatal(err)
	}
	return mappingsOf(t, c.dir), warm
}

func compileLarge(t *testing.T, c *Cache, r wazero.Runtime) (wazero.CompiledModule, error) {
	compile := func(code []byte) (wazero.CompiledModule, error) { return r.CompileModule(t.Context(), code) }
	return c.Compiled(largeFunction(), compile, compile)
}

// mappingsOf returns the executable mappings of files in dir, as /proc describes them, and fails if
// memory is writable and executable.
func mappingsOf(t *testing.T, dir string) (mapped []string) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, " rwx") {
			t.Errorf("writable and executable: %s", line)
		}
		if strings.Contains(line, " r-xp ") && strings.Contains(line, dir) {
			mapped = append(mapped, line)
		}
	}
	return mapped
}

func nothing() {}

// watch calls Watch for the duration of the test. The returned channel gets a value when a file is
// about to be changed.
func watch(t *testing.T) chan struct{} {
	changed := make(chan struct{}, 1)
	t.Cleanup(Watch(func() { changed <- struct{}{} }))
	return changed
}

// release makes the finalizers of wazero free the code of a closed runtime.
func release(t *testing.T, dir string) {
	for deadline := time.Now().Add(time.Minute); len(mappingsOf(t, dir)) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the code is still mapped")
		}
		goruntime.GC()
	}
}

// TestCodeIsMapped checks that the patched engine maps code from its file, even at the start that
// has compiled it, and that the released engine never does.
func TestCodeIsMapped(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	watch(t)
	want := 1
	if engineid.Patches() == "" {
		want = 0
	}
	if mapped, warm := openAndRun(t, dir, nothing); warm || len(mapped) != want {
		t.Errorf("the first start: warm %v, mapped %v; want %d mappings", warm, mapped, want)
	}
	release(t, dir)
	if mapped, warm := openAndRun(t, dir, nothing); !warm || len(mapped) != want {
		t.Errorf("the second start: warm %v, mapped %v; want %d mappings", warm, mapped, want)
	}
	release(t, dir)
}

// TestRelativeFolder checks that code in a folder with a relative path is used.
func TestRelativeFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	openAndRun(t, "cache", nothing)
	if _, warm := openAndRun(t, "cache", nothing); !warm {
		t.Error("the second start compiled the code again")
	}
}

// TestCodeIsCopied checks that the code of this user is copied if the process does not watch for
// changes, or if a process has the file open for writing.
func TestCodeIsCopied(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	openAndRun(t, dir, nothing)
	if mapped, warm := openAndRun(t, dir, nothing); !warm || len(mapped) > 0 {
		t.Errorf("without a watch: warm %v, mapped %v", warm, mapped)
	}
	watch(t)
	f, err := os.OpenFile(codePath(t, dir), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if mapped, warm := openAndRun(t, dir, nothing); !warm || len(mapped) > 0 {
		t.Errorf("with a writer: warm %v, mapped %v", warm, mapped)
	}
}

// TestChangedCode changes the file with the code before and after its digest is verified. What was
// not verified never runs.
func TestChangedCode(t *testing.T) {
	change := func(f func(path string, content []byte) error) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := codePath(t, dir)
			content, err := os.ReadFile(path)
			if err == nil {
				err = f(path, content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	// replaced puts a file in place of another. Its code begins with an invalid instruction.
	replaced := change(func(path string, content []byte) error {
		invalid := make([]byte, len(content)) // 00 00 is ADD [RAX], AL and UDF
		return errors.Join(os.WriteFile(path+"0", invalid, 0o600), os.Rename(path+"0", path))
	})
	for _, c := range []struct {
		name          string
		before, after func(t *testing.T, dir string)
		warm          bool
	}{
		{name: "a changed byte", before: change(func(path string, content []byte) error {
			content[len(content)/2] ^= 1
			return os.WriteFile(path, content, 0o600)
		})},
		{name: "truncated", before: change(func(path string, content []byte) error { return os.Truncate(path, int64(len(content)/2)) })},
		{name: "empty", before: change(func(path string, _ []byte) error { return os.Truncate(path, 0) })},
		{name: "replaced before the check", before: replaced},
		{name: "replaced after the check", after: replaced, warm: engineid.Patches() != ""},
		{name: "removed after the check", after: change(func(path string, _ []byte) error { return os.Remove(path) }), warm: engineid.Patches() != ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.after != nil && !c.warm {
				t.Skip("the released engine opens the file itself")
			}
			watch(t)
			dir := filepath.Join(t.TempDir(), "cache")
			openAndRun(t, dir, nothing)
			release(t, dir) // while the code is in use, changes wait
			if c.before != nil {
				c.before(t, dir)
			}
			_, warm := openAndRun(t, dir, func() {
				if c.after != nil {
					c.after(t, dir)
				}
			})
			if warm != c.warm && c.before != nil {
				t.Errorf("the code came from the cache: %v, want %v", warm, c.warm)
			}
			release(t, dir)
		})
	}
}

// TestChangeIsDelayed opens the file of code that is in use for writing. The process learns of it,
// and the file can be written only after the code is no longer in use.
func TestChangeIsDelayed(t *testing.T) {
	if engineid.Patches() == "" {
		t.Skip("the released engine copies the code")
	}
	changed := watch(t)
	dir := filepath.Join(t.TempDir(), "cache")
	openAndRun(t, dir, nothing)
	path := codePath(t, dir)
	c, err := Open(t.Context(), Config{Key: keyOf("guest"), CacheDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().WithCompilationCache(c.Wazero()))
	if _, err := compileLarge(t, c, r); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() error{
		"write": func() error {
			fd, err := unix.Open(path, unix.O_WRONLY|unix.O_NONBLOCK, 0)
			return errors.Join(err, unix.Close(fd))
		},
		"truncate": func() error {
			fd, err := unix.Open(path, unix.O_WRONLY|unix.O_TRUNC|unix.O_NONBLOCK, 0)
			return errors.Join(err, unix.Close(fd))
		},
	} {
		if err := try(); !errors.Is(err, unix.EWOULDBLOCK) {
			t.Errorf("%s: %v, want EWOULDBLOCK", name, err)
		}
	}
	select {
	case <-changed:
	case <-time.After(time.Minute):
		t.Error("the change was not noticed")
	}
	if err := errors.Join(r.Close(t.Context()), c.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	release(t, dir)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Error(err)
	}
}

// TestMapBeyondEnd checks that a mapping is inside of its file.
func TestMapBeyondEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "code")
	write(t, path, make([]byte, 1<<16))
	f, err := openCodeFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.unprotected = nil
	if code, err := f.MapCode(1<<16 + 1); err == nil {
		t.Errorf("%d bytes of a file with 65536 were mapped", len(code))
	}
}

// asStranger runs a test of this package in a process of another user, with a variable of the
// environment, and returns the output. It skips the test unless it runs as root.
func asStranger(t *testing.T, dir, test, variable string) string {
	t.Helper()
	program := filepath.Join(dir, "test")
	own, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(program, own, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(program, "-test.run=^"+test+"$")
	child.Dir, child.Env = dir, append(os.Environ(), variable)
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 54321}}
	out, err := child.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return string(out)
}

// openFolderOfRoot returns a folder that other users can read, unlike t.TempDir().
func openFolderOfRoot(t *testing.T) string {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	dir, err := os.MkdirTemp("/tmp", "tabcell-test-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

const strangerFile, strangerBundle = "TABCELL_TEST_FILE_OF_ROOT", "TABCELL_TEST_BUNDLE_OF_ROOT"

// TestFileOfAnotherUser checks that a file of root needs no watch, unless others can write to it.
func TestFileOfAnotherUser(t *testing.T) {
	if path := os.Getenv(strangerFile); path != "" {
		f, err := openCodeFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("unprotected: %v\n", f.unprotected)
		return
	}
	dir := openFolderOfRoot(t)
	path := filepath.Join(dir, "code")
	write(t, path, nil)
	for mode, want := range map[os.FileMode]string{0o644: "unprotected: <nil>", 0o666: "unprotected: other users can write to it"} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if out := asStranger(t, dir, "TestFileOfAnotherUser", strangerFile+"="+path); !strings.Contains(out, want) {
			t.Errorf("mode %o: %s; want %s", mode, out, want)
		}
	}
}

// TestShippedCode starts from a bundle of root in folders that nobody can write to, as another user
// and without a watch.
func TestShippedCode(t *testing.T) {
	program := func() Program { return Program{Path: "/proc/self/exe", Digest: strings.Repeat("b", 64)} }
	if dir := os.Getenv(strangerBundle); dir != "" {
		mapped, warm := runLarge(t, Config{Key: keyOf("guest"), BundleDir: dir, Program: program}, nothing)
		fmt.Printf("warm %v, mapped %d\n", warm, len(mapped))
		return
	}
	root := openFolderOfRoot(t)
	dir := filepath.Join(root, "bundle")
	runLarge(t, Config{Key: keyOf("guest"), CacheDir: dir, Program: program}, nothing)
	if err := WriteBundle(dir, "v1", program(), ""); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("chmod", "-R", "a-w", dir).Run(); err != nil {
		t.Fatal(err)
	}
	want := "warm true, mapped 1"
	if engineid.Patches() == "" {
		want = "warm true, mapped 0"
	}
	if out := asStranger(t, root, "TestShippedCode", strangerBundle+"="+dir); !strings.Contains(out, want) {
		t.Errorf("%s; want %s", out, want)
	}
}
