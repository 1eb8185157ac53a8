//go:build flight

package flight

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"tabcell/httpapi"
)

// python returns a Python interpreter with pyarrow, numpy and pandas.
func python() string { return cmp.Or(os.Getenv("TABCELL_PYARROW_PYTHON"), "python3") }

// TestPyarrowClient runs testdata/client.py, which uses each method of the service.
func TestPyarrowClient(t *testing.T) {
	s, _ := newAuthServer(t, nil)
	runPython(t, "client.py", s.http, "grpc+tcp://"+s.addr)
}

// TestPyarrowReplay replays the cases that need no Python in the server.
func TestPyarrowReplay(t *testing.T) {
	s := newServer(t, func(cfg *httpapi.Config, _ *httpapi.Deps) { cfg.StatePath = "STATE_PATH" })
	runPython(t, "replay.py", append([]string{s.http, "grpc+tcp://" + s.addr, "noauth"}, hostCases(t)...)...)
}

func runPython(t *testing.T, script string, arguments ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), python(), append([]string{filepath.Join("testdata", script)}, arguments...)...).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// different names the cases that differ from TabPy, which COMPAT.md lists.
var different = []string{
	"actions", // shutdown is not listed
	"flights", // the location is the address that the client has used
}

// hostCases returns the names of the cases whose scripts the fake engine knows.
func hostCases(t testing.TB) []string {
	files, err := filepath.Glob(filepath.Join("testdata", "cases", "*.json"))
	if err != nil || len(files) < 170 {
		t.Fatal(len(files), err)
	}
	var names []string
	for _, file := range files {
		var c struct {
			Name, Kind string
			Steps      []struct {
				Path any // the path of a URL, or the parts of that of a table
				JSON struct{ Script string }
			}
		}
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &c)
		}
		if err != nil {
			t.Fatal(err)
		}
		known := c.Kind == "noauth" && !slices.Contains(different, c.Name) && c.Name != "answer_raise"
		for _, step := range c.Steps {
			script := step.JSON.Script
			known = known && (step.Path != "/evaluate" || slices.Contains([]string{"return 1", "return _arg1", "raise ValueError('x')"}, script))
		}
		if known && !isReturn(c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// isReturn reports whether a case is about a type that a DataFrame does not keep.
func isReturn(name string) bool { return len(name) > 5 && name[len(name)-5:] == "_back" }
