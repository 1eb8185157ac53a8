//go:build flight

package flight

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// python returns a Python interpreter with pyarrow, numpy and pandas.
func python() string { return cmp.Or(os.Getenv("TABCELL_PYARROW_PYTHON"), "python3") }

// TestPyarrowClient runs testdata/client.py, which uses each method of the service.
func TestPyarrowClient(t *testing.T) {
	s, _ := newAuthServer(t, nil)
	runPython(t, "client.py", s.http, "grpc+tcp://"+s.addr)
}

func runPython(t *testing.T, script string, arguments ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), python(), append([]string{filepath.Join("testdata", script)}, arguments...)...).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
