//go:build peer && linux

package peer

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

const (
	peerRelease = "2.16.0"
	guestPython = "3.13" // whose pickles the guest can load
)

// peerEnv is an environment with the published TabPy and with this program. Tests use the client of
// the installed package and the tests of the source distribution.
type peerEnv struct {
	bin    string // folder with this program under the names tabpy, tabpy-user and tabpy-deploy-models
	venv   string
	source string // the unpacked source distribution
	nltk   string // folder in which the models' scripts keep the word lists that they download
	python string // version of the interpreter in venv, such as 3.13
}

// newPeerEnv returns the environment. It installs TabPy in the user's cache folder unless it is
// there.
func newPeerEnv(t *testing.T) peerEnv {
	t.Helper()
	base := filepath.Join(peerCache(t), "tabpy-"+peerRelease)
	python, version := findPython(t)
	e := peerEnv{
		bin: t.TempDir(), venv: filepath.Join(base, "python"+version), nltk: filepath.Join(base, "nltk_data"), python: version,
		source: filepath.Join(base, "tabpy-"+peerRelease),
	}
	if err := os.MkdirAll(e.nltk, 0o755); err != nil {
		t.Fatal(err)
	}
	defer lockFolder(t, base)()
	if complete := filepath.Join(e.venv, "complete"); !exists(complete) {
		e.install(t, base, python)
		testenv.WriteFile(t, complete, peerRelease)
	}
	e.build(t)
	return e
}

func (e peerEnv) install(t *testing.T, base, python string) {
	t.Helper()
	pip := []string{e.tool("python"), "-m", "pip"}
	mustRun(t, base, python, "-m", "venv", "--clear", e.venv)
	mustRun(t, base, append(pip, "install", "tabpy=="+peerRelease)...)
	mustRun(t, base, append(pip, "download", "--no-deps", "--no-binary", "tabpy", "tabpy=="+peerRelease)...)
	mustRun(t, base, e.tool("python"), "-m", "tarfile", "-e", e.source+".tar.gz", base)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// lockFolder waits until no other run of these tests holds the lock of the folder, and takes it.
// The returned function releases it.
func lockFolder(t *testing.T, folder string) (unlock func()) {
	t.Helper()
	file, err := os.Create(filepath.Join(folder, "lock"))
	if err == nil {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = file.Close() }
}

// build builds the program, links it under TabPy's names and compiles the guests, because TabPy's
// tests wait only five seconds for a start.
func (e peerEnv) build(t *testing.T) {
	t.Helper()
	program := filepath.Join(e.bin, "tabcell")
	mustRun(t, ".", "go", "run", "tabcell/cmd/dist", "-o", program)
	for _, name := range []string{"tabpy", "tabpy-user", "tabpy-deploy-models"} {
		if err := os.Symlink("tabcell", filepath.Join(e.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, ".", program, "warm", "--cache-dir", peerCache(t))
}

func (e peerEnv) tool(name string) string { return filepath.Join(e.venv, "bin", name) }

// ownEnviron is the environment of this process, before tests change it.
var ownEnviron = os.Environ()

// environ returns the environment of the tests. In PATH, this program precedes TabPy. The variables
// that name certificate bundles are removed, because the requests package prefers them to
// verify=False, with which the tests connect to their server.
func (e peerEnv) environ(t *testing.T) []string {
	environ := slices.DeleteFunc(slices.Clone(ownEnviron), func(v string) bool {
		return strings.HasPrefix(v, "REQUESTS_CA_BUNDLE=") || strings.HasPrefix(v, "CURL_CA_BUNDLE=")
	})
	path := []string{e.bin, filepath.Join(e.venv, "bin"), os.Getenv("PATH")}
	if testsTabPy() {
		path = path[1:]
	}
	return append(environ, "PATH="+strings.Join(path, string(filepath.ListSeparator)), "HOME="+t.TempDir(), "TABCELL_CACHE_DIR="+peerCache(t),
		"NLTK_DATA="+e.nltk, "PYTHONDONTWRITEBYTECODE=1")
}

// testsTabPy reports whether the program under test is TabPy itself. Tests that fail then fail
// independently of tabcell.
func testsTabPy() bool { return os.Getenv("TABCELL_PEER_SELF") != "" }

// findPython returns a Python with pip and TLS, preferably of the guest's version: the client
// pickles functions, and only the same version can load pickled code.
func findPython(t *testing.T) (program, version string) {
	t.Helper()
	for _, name := range []string{os.Getenv("TABCELL_NATIVE_PYTHON"), "python" + guestPython, "python3"} {
		if name == "" {
			continue
		}
		const printVersion = "import ssl, ensurepip, venv, sys; print('%d.%d' % sys.version_info[:2])"
		if out, err := exec.Command(name, "-c", printVersion).Output(); err == nil {
			return name, strings.TrimSpace(string(out))
		}
	}
	t.Fatal("found no Python 3 with venv, pip and TLS: set TABCELL_NATIVE_PYTHON to one, preferably a Python " + guestPython)
	return "", ""
}

// needsGuestPython skips a test that deploys pickled functions if the guest cannot load them.
func (e peerEnv) needsGuestPython(t *testing.T) {
	if e.python != guestPython {
		t.Skipf("the guest cannot load functions pickled by Python %s: set TABCELL_NATIVE_PYTHON to a Python %s", e.python, guestPython)
	}
}

// mustRun runs a program in a folder. If it fails, the test fails.
func mustRun(t *testing.T, dir string, argv ...string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, ownEnviron
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", slices.Clip(argv), err, out)
	}
}
