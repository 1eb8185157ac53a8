//go:build upstream

// Package upstream runs the test suites of CPython and of the guest's libraries inside cells.
package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/runtime/wheel"
)

// The libraries' own tests, run by pytest inside cells: what this platform changes shows here. TABCELL_UPSTREAM names a folder with the
// unpacked sources (numpy, pandas, scipy, scikit-learn) and with wheels/ of pytest, pluggy, iniconfig, packaging, pygments, sortedcontainers,
// attrs and a hypothesis that is pure Python (up to 6.150). TABCELL_UPSTREAM_ONLY is an expression that the names of test files match. Results
// come to out/ there, a file each, which a next run does not repeat; assets/build/check/upstream.py makes the table in UPSTREAM.md of them.

// upstreamSuite are test folders of one library.
type upstreamSuite struct {
	source, ini string   // folder below TABCELL_UPSTREAM, and the settings of pytest in it
	guest       string   // "core" or "full"
	extra       []string // other files and folders that tests need
	folders     []string
}

var upstreamSuites = []upstreamSuite{
	{"numpy", "pytest.ini", "core", []string{"numpy/conftest.py", "numpy/testing/overrides.py"},
		[]string{"numpy/_core/tests", "numpy/linalg/tests", "numpy/random/tests"}},
	{"pandas", "pyproject.toml", "core", []string{"pandas/conftest.py", "pandas/tests/__init__.py", "pandas/tests/extension"},
		[]string{"pandas/tests/groupby", "pandas/tests/reshape", "pandas/tests/window", "pandas/tests/indexing", "pandas/tests/tslibs"}},
	{"scipy", "pytest.ini", "full", []string{"scipy/conftest.py", "scipy/fft/tests", "scipy/sparse/csgraph/tests"},
		[]string{"scipy/stats/tests", "scipy/linalg/tests", "scipy/optimize/tests", "scipy/interpolate/tests", "scipy/signal/tests"}},
	{"scikit-learn", "pyproject.toml", "full",
		[]string{"sklearn/conftest.py", "sklearn/callback/tests", "sklearn/metrics/tests", "sklearn/tests", "sklearn/datasets/descr"},
		[]string{"sklearn/cluster/tests", "sklearn/linear_model/tests", "sklearn/tree/tests", "sklearn/ensemble/tests", "sklearn/decomposition/tests",
			"sklearn/preprocessing/tests"}},
}

const (
	upstreamTurn  = 300 * time.Second // a cell runs tests for so long, then another cell goes on
	upstreamGrace = 120 * time.Second // for the test that is running then
)

func TestUpstream(t *testing.T) {
	dir := os.Getenv("TABCELL_UPSTREAM")
	if dir == "" {
		t.Skip("TABCELL_UPSTREAM names no folder")
	}
	for _, guest := range []string{"core", "full"} {
		t.Run(guest, func(t *testing.T) { runUpstream(t, dir, guest) })
	}
}

func runUpstream(t *testing.T, dir, name string) {
	only := regexp.MustCompile(os.Getenv("TABCELL_UPSTREAM_ONLY"))
	guest, err := server.Guests[name]()
	if err != nil {
		t.Fatal(err)
	}
	tests := addUpstream(t, dir, &guest)
	var todo []upstreamFile
	for _, f := range tests {
		if _, err := os.Stat(f.result(dir)); only.MatchString(f.path) && errors.Is(err, fs.ErrNotExist) {
			todo = append(todo, f)
		}
	}
	if len(todo) == 0 {
		return
	}
	e, err := runtime.New(t.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Concurrency: 1,
		Limits: runtime.Limits{Timeout: upstreamTurn + upstreamGrace, Memory: 2 << 30, Print: 256 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, f := range todo {
		events := f.run(t.Context(), e)
		t.Logf("%s: %s", f.path, events[strings.LastIndex(strings.TrimSpace(events), "\n")+1:])
		if err := os.WriteFile(f.result(dir), []byte(events), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// upstreamFile is a file of tests, by its path below /lib in the guest.
type upstreamFile struct{ path, ini string }

func (f upstreamFile) result(dir string) string {
	return filepath.Join(dir, "out", strings.NewReplacer("/lib/", "", "/", ".", ".py", ".txt").Replace(f.path))
}

// run runs all tests of a file, in as many cells as that takes: a cell ends with its turn, with a test that crashes it, or with one that
// does not end. It returns what the cells told.
func (f upstreamFile) run(ctx context.Context, e *runtime.Engine) string {
	var all strings.Builder
	begun := time.Now()
	for begin, more := 0, true; more; {
		events, err := f.turn(ctx, e, begin)
		next, total := progressOf(events)
		if err != nil {
			events += fmt.Sprintf("< crashed %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
			next++
		}
		all.WriteString(events)
		more = next > begin && next < total
		begin = next
	}
	fmt.Fprintf(&all, "# %.0f s\n", time.Since(begun).Seconds())
	return all.String()
}

// turn runs the tests from begin on in one cell.
func (f upstreamFile) turn(ctx context.Context, e *runtime.Engine, begin int) (string, error) {
	body, err := json.Marshal(map[string]any{
		"script": "import upstream_runner\nreturn upstream_runner.run(_arg1, _arg2, _arg3, _arg4)",
		"data":   map[string]any{"_arg1": f.path, "_arg2": f.ini, "_arg3": begin, "_arg4": upstreamTurn.Seconds()},
	})
	if err != nil {
		return "", err
	}
	r, err := e.Evaluate(ctx, runtime.Call{Body: body})
	events := eventsOf(r.Output)
	if err == nil && !strings.Contains(events, "\n= ") {
		err = fmt.Errorf("pytest ended with %s: %s", r.Body, r.Output[max(0, len(r.Output)-2000):])
	}
	return events, err
}

func eventsOf(output []byte) string {
	var b strings.Builder
	for line := range strings.SplitSeq(string(output), "\n") {
		if event, ok := strings.CutPrefix(line, "\x01"); ok {
			b.WriteString(event + "\n")
		}
	}
	return b.String()
}

// progressOf reads the index of the next test, or of the one that has not ended, and the number of tests.
func progressOf(events string) (next, total int) {
	for line := range strings.SplitSeq(events, "\n") {
		switch {
		case strings.HasPrefix(line, "> "):
			fmt.Sscanf(line, "> %d", &next)
		case strings.HasPrefix(line, "= "):
			fmt.Sscanf(line, "= %d %d", &total, &next)
		}
	}
	return next, total
}

// addUpstream gives the guest pytest, the tests and what runs them; it returns the files of tests.
func addUpstream(t *testing.T, dir string, guest *assets.Guest) []upstreamFile {
	wheels, err := wheel.ReadFolder(filepath.Join(dir, "wheels"))
	if err == nil {
		err = server.AddResources(guest, func(all map[string][]byte) error { return wheel.Add(all, wheels) })
	}
	if err != nil {
		t.Fatal(err)
	}
	resources, _ := guest.Resources()
	runner, err := os.ReadFile("testdata/upstream_runner.py")
	if err != nil {
		t.Fatal(err)
	}
	resources["m:upstream_runner"] = append([]byte("m"), runner...)
	var tests []upstreamFile
	for _, s := range upstreamSuites {
		if s.guest == guest.Name {
			tests = append(tests, s.add(t, dir, resources)...)
		}
	}
	resources["upstream"] = []byte(upstreamListing(resources))
	guest.Preload = append(guest.Preload[:len(guest.Preload):len(guest.Preload)], "upstream_runner", "pytest", "hypothesis", "?numpy.testing",
		"?numpy.conftest", "?pandas._testing", "?pandas.conftest")
	return tests
}

// add adds what the suite consists of; it returns its files of tests.
func (s upstreamSuite) add(t *testing.T, dir string, resources map[string][]byte) (tests []upstreamFile) {
	root := filepath.Join(dir, s.source)
	top, _, _ := strings.Cut(s.folders[0], "/")
	ini := top + "/" + s.ini
	addFile(t, resources, filepath.Join(root, s.ini), ini)
	for _, extra := range s.extra {
		for _, name := range filesBelow(t, root, extra) {
			addFile(t, resources, filepath.Join(root, name), name)
		}
	}
	for _, folder := range s.folders {
		for _, name := range filesBelow(t, root, folder) {
			addFile(t, resources, filepath.Join(root, name), name)
			if strings.HasPrefix(path.Base(name), "test_") && strings.HasSuffix(name, ".py") {
				tests = append(tests, upstreamFile{"/lib/" + name, "/lib/" + ini})
			}
		}
	}
	return tests
}

// filesBelow lists a folder, or names one file, by paths below root.
func filesBelow(t *testing.T, root, folder string) (names []string) {
	err := filepath.WalkDir(filepath.Join(root, folder), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, file)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// addFile adds a file, a module also as one.
func addFile(t *testing.T, resources map[string][]byte, file, name string) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	resources["f:/lib/"+name] = b
	module, ok := strings.CutSuffix(name, ".py")
	if !ok {
		return
	}
	kind := "m"
	if m, ok := strings.CutSuffix(module, "/__init__"); ok {
		module, kind = m, "p"
	}
	dotted := strings.ReplaceAll(module, "/", ".")
	resources["m:"+dotted] = append([]byte(kind), b...)
	for i := strings.LastIndex(dotted, "."); i > 0; i = strings.LastIndex(dotted[:i], ".") {
		if resources["m:"+dotted[:i]] == nil {
			resources["m:"+dotted[:i]] = []byte("p")
		}
	}
}

// upstreamListing is every path below /lib, a line each.
func upstreamListing(resources map[string][]byte) string {
	var paths []string
	for name, b := range resources {
		if path, ok := strings.CutPrefix(name, "f:"); ok {
			paths = append(paths, path)
		} else if module, ok := strings.CutPrefix(name, "m:"); ok {
			path := "/lib/" + strings.ReplaceAll(module, ".", "/")
			if len(b) > 0 && (b[0] == 'p' || b[0] == 'P') {
				path += "/__init__"
			}
			paths = append(paths, path+".py")
		}
	}
	return strings.Join(paths, "\n")
}
