//go:build flight

package conformance

import (
	"cmp"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tabcell/httpapi/flight/flighttest"
)

// TestPyarrowRecorded replays the recorded exchanges with TabPy's Flight service with pyarrow's
// client. The cases that are known to differ must still differ.
func TestPyarrowRecorded(t *testing.T) {
	cases, err := flighttest.Load(flightRecordings)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"noauth", "auth", "tls"} {
		s := startFlight(t, kind)
		names := map[bool][]string{} // by whether they differ
		for _, c := range cases {
			if _, gap := flighttest.Gaps[c.Name]; c.Kind == kind {
				names[gap] = append(names[gap], c.Name)
			}
		}
		if code := s.replay(t, names[false]); code != 0 {
			t.Errorf("%s: %d cases differ", kind, code)
		}
		if gaps := names[true]; len(gaps) > 0 {
			if code := s.replay(t, gaps); code != len(gaps) {
				t.Errorf("%s: %d of the gaps %q differ; remove the others from flighttest.Gaps", kind, code, gaps)
			}
		}
	}
}

// TestPyarrowLargeTables evaluates scripts on tables that cells map, and which share memory with
// their results.
func TestPyarrowLargeTables(t *testing.T) {
	s := startFlight(t, "noauth")
	cmd := exec.CommandContext(t.Context(), python(), "testdata/large_tables.py", s.URL, "grpc+tcp://"+s.address)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "scripts, 0 differences") {
		t.Errorf("%v\n%s", err, out)
	}
}

// python returns the command of a Python with pyarrow.
func python() string { return cmp.Or(os.Getenv("TABCELL_PYARROW_PYTHON"), "python3") }

// replay runs replay.py with cases, and returns the number of those that differ.
func (s flightServer) replay(t *testing.T, cases []string) int {
	t.Helper()
	scheme := "grpc+tcp://"
	if s.kind == "tls" {
		scheme = "grpc+tls://"
	}
	arguments := append([]string{flightRecordings + "/replay.py", s.URL, scheme + s.address, s.kind}, cases...)
	cmd := exec.CommandContext(t.Context(), python(), arguments...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if !strings.Contains(string(out), " replayed, ") {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}
