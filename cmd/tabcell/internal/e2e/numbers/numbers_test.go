// Package numbers compares results of the guest's libraries with those of a native Python.
//
// Each file of cases in testdata covers a topic of one library. record.py writes the native results
// to recorded.json. Values, dtypes, labels and texts of errors must be equal. Floating-point
// numbers may differ by rtol, because the order of additions and the use of fused multiplications
// differ. Cases that differ by more are listed with their reasons in gaps_test.go.
package numbers

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/compare"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// rtol is the relative tolerance of floating-point numbers.
const rtol = 1e-9

// recordedResults is the content of recorded.json: the results by file and case, in the form that
// described.py defines.
type recordedResults struct {
	Python   string                                `json:"python"`
	Versions map[string]string                     `json:"versions"`
	Values   map[string]map[string]json.RawMessage `json:"values"`
}

func TestNumbers(t *testing.T) {
	recorded := readRecorded(t)
	for _, file := range caseFiles(t) {
		t.Run(file, func(t *testing.T) {
			library, _, _ := strings.Cut(file, "_")
			e, err := harness.EngineWith(library)
			if err != nil {
				t.Fatal(err)
			}
			compareCases(t, file, evaluateCases(t, e, file), recorded.Values[file])
		})
	}
	compare.Versions(t, recorded.Versions)
}

// TestRecordedCases checks that there are enough cases of each library, and that each gap names a
// case and a reason.
func TestRecordedCases(t *testing.T) {
	recorded := readRecorded(t)
	count := map[string]int{}
	for file, cases := range recorded.Values {
		library, _, _ := strings.Cut(file, "_")
		count[library] += len(cases)
		count["all"] += len(cases)
		if !slices.Contains(caseFiles(t), file) {
			t.Errorf("recorded.json has results of %s.py, which does not exist", file)
		}
	}
	for library, minimum := range map[string]int{"all": 300, "numpy": 80, "pandas": 80, "scipy": 80, "sklearn": 60} {
		if count[library] < minimum {
			t.Errorf("%s: %d cases, want at least %d", library, count[library], minimum)
		}
	}
	for _, g := range gaps {
		for _, name := range g.Names {
			if _, known := recorded.Values[g.File][name]; !known || g.Reason == "" {
				t.Errorf("gap %s, %s: there is no such case, or the gap has no reason", g.File, name)
			}
		}
	}
}

func readRecorded(t *testing.T) (r recordedResults) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "recorded.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// caseFiles returns the names of the files of cases, without .py.
func caseFiles(t *testing.T) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*_*.py"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("found no files of cases: %v", err)
	}
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(p), ".py"))
	}
	return names
}

// evaluateCases runs a file of cases in the guest and returns the results by case.
func evaluateCases(t *testing.T, e *runtime.Engine, file string) (values map[string]json.RawMessage) {
	t.Helper()
	script := readText(t, file+".py") + "\n" + compare.Described + "\nreturn results(cases)"
	r, err := e.Evaluate(context.Background(), runtime.Call{ID: file, Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(r.Body, &values); err != nil {
		t.Fatalf("%v: %.200s", err, r.Body)
	}
	return values
}

func readText(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func compareCases(t *testing.T, file string, got, want map[string]json.RawMessage) {
	t.Helper()
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("%s: the result is not recorded: run record.py", name)
		}
	}
	for name, value := range want {
		t.Run(name, func(t *testing.T) {
			if problem := compare.Case(compare.GapOf(gaps, file, name), compare.Tolerance{RTol: rtol}, got[name], value); problem != "" {
				t.Error(problem)
			}
		})
	}
}
