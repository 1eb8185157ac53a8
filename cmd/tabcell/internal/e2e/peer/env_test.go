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

// peerEnv is a scratch environment with TabPy as it is published: the installed package, whose client the tests use, its source
// distribution, which has the tests, and this program under the names of TabPy's tools.
type peerEnv struct {
	bin    string // folder with tabpy, tabpy-user, tabpy-deploy-models
	venv   string
	source string // the unpacked source distribution
	nltk   string // where the models' scripts keep the word lists that they download
	wheels string // folder with textblob, which TabPy's sentiment model imports: the administrator adds it to tabcell's libraries
	python string // version, as 3.13
}

// newPeerEnv makes the environment in the user's cache, or finds it there.
func newPeerEnv(t *testing.T) peerEnv {
	t.Helper()
	base := filepath.Join(peerCache(t), "tabpy-"+peerRelease)
	python, version := findPython(t)
	e := peerEnv{
		bin: t.TempDir(), venv: filepath.Join(base, "python"+version), nltk: filepath.Join(base, "nltk_data"), python: version,
		source: filepath.Join(base, "tabpy-"+peerRelease), wheels: filepath.Join(base, "wheels"),
	}
	if err := os.MkdirAll(e.nltk, 0o755); err != nil {
		t.Fatal(err)
	}
	defer lockFolder(t, base)()
	if complete := filepath.Join(e.venv, "complete"); !exists(complete) {
		e.install(t, base, python)
		testenv.WriteFile(t, complete, peerRelease)
	}
	if !exists(e.wheels) {
		mustRun(t, base, e.tool("python"), "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", e.wheels, "textblob==0.20.1")
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

// lockFolder waits until no other run of these tests changes the folder; it returns what lets the next one in.
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

// build builds the program under TabPy's names, and compiles the guests ahead: TabPy's tests wait five seconds for a start, and not longer.
func (e peerEnv) build(t *testing.T) {
	t.Helper()
	program := filepath.Join(e.bin, "tabcell")
	mustRun(t, ".", "go", "build", "-o", program, ".")
	for _, name := range []string{"tabpy", "tabpy-user", "tabpy-deploy-models"} {
		if err := os.Symlink("tabcell", filepath.Join(e.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, ".", program, "warm", "--cache-dir", peerCache(t))
}

func (e peerEnv) tool(name string) string { return filepath.Join(e.venv, "bin", name) }

// ownEnviron is the environment before the tests of this package changed it.
var ownEnviron = os.Environ()

// environ is what the tests run with: this program before TabPy's in PATH, a home of their own, the compiled guest of all tests. Bundles of
// certificates are left out: for the requests package they win over verify=False, with which the tests reach their server.
func (e peerEnv) environ(t *testing.T) []string {
	environ := slices.DeleteFunc(slices.Clone(ownEnviron), func(v string) bool {
		return strings.HasPrefix(v, "REQUESTS_CA_BUNDLE=") || strings.HasPrefix(v, "CURL_CA_BUNDLE=")
	})
	path := []string{e.bin, filepath.Join(e.venv, "bin"), os.Getenv("PATH")}
	if itself() {
		path = path[1:]
	}
	return append(environ, "PATH="+strings.Join(path, string(filepath.ListSeparator)), "HOME="+t.TempDir(), "TABCELL_CACHE_DIR="+peerCache(t),
		"TABCELL_PACKAGES="+e.wheels,
		"NLTK_DATA="+e.nltk, "PYTHONDONTWRITEBYTECODE=1")
}

// itself tells whether TabPy is to be tested by its own tests: what fails then fails without tabcell.
func itself() bool { return os.Getenv("TABCELL_PEER_SELF") != "" }

// findPython is a Python with pip and TLS, of the guest's version if there is one: the client pickles functions, and pickled code is read
// by the same version only.
func findPython(t *testing.T) (program, version string) {
	t.Helper()
	for _, name := range []string{os.Getenv("TABCELL_NATIVE_PYTHON"), "python" + guestPython, "python3"} {
		if name == "" {
			continue
		}
		const ask = "import ssl, ensurepip, venv, sys; print('%d.%d' % sys.version_info[:2])"
		if out, err := exec.Command(name, "-c", ask).Output(); err == nil {
			return name, strings.TrimSpace(string(out))
		}
	}
	t.Fatal("needs a Python 3 with venv, pip and TLS, and an index for pip; TABCELL_NATIVE_PYTHON names one, best a " + guestPython)
	return "", ""
}

// needsGuestPython skips what deploys pickled functions when they could not be loaded.
func (e peerEnv) needsGuestPython(t *testing.T) {
	if e.python != guestPython {
		t.Skipf("functions pickled by Python %s cannot be loaded: name a Python %s in TABCELL_NATIVE_PYTHON", e.python, guestPython)
	}
}

// mustRun runs a program in a folder to its end.
func mustRun(t *testing.T, dir string, argv ...string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, ownEnviron
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", slices.Clip(argv), err, out)
	}
}
