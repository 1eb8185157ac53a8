// Package numbers compares the numbers of the guest's libraries with those of a native Python.
package numbers

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// The numbers of the guest's libraries against a native Python's: testdata has the cases, a file for each topic, and what
// record.py wrote down natively. Values, dtypes, labels and error texts are equal; floating-point numbers within rtol, for the order of
// additions and fused multiplications differ; cases that differ more are in numbers_gaps_test.go, each with its reason.

const (
	numbersFolder = "testdata"
	rtol          = 1e-9
)

// recordedNumbers is recorded.json: described values (described.py) by file and case.
type recordedNumbers struct {
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
	compareVersions(t, recorded.Versions)
}

// TestNumbersSuite: the suite is as large as it is said to be, and each gap names a case.
func TestNumbersSuite(t *testing.T) {
	recorded := readRecorded(t)
	count := map[string]int{}
	for file, cases := range recorded.Values {
		library, _, _ := strings.Cut(file, "_")
		count[library] += len(cases)
		count["all"] += len(cases)
		if !slices.Contains(caseFiles(t), file) {
			t.Errorf("%s is recorded and has no file", file)
		}
	}
	for library, least := range map[string]int{"all": 300, "numpy": 80, "pandas": 80, "scipy": 80, "sklearn": 60} {
		if count[library] < least {
			t.Errorf("%d cases of %s, want %d", count[library], library, least)
		}
	}
	for _, g := range numberGaps {
		for _, name := range g.names {
			if _, known := recorded.Values[g.file][name]; !known || g.reason == "" {
				t.Errorf("the gap %s: %s names no case, or no reason", g.file, name)
			}
		}
	}
}

func readRecorded(t *testing.T) (r recordedNumbers) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(numbersFolder, "recorded.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// caseFiles are the names of the files of cases, without .py.
func caseFiles(t *testing.T) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(numbersFolder, "*_*.py"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files of cases: %v", err)
	}
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(p), ".py"))
	}
	return names
}

// evaluateCases runs a file in the guest and returns its described values by case.
func evaluateCases(t *testing.T, e *runtime.Engine, file string) (values map[string]json.RawMessage) {
	t.Helper()
	script := readText(t, file+".py") + "\n" + readText(t, "described.py") + "\nreturn answers(cases)"
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
	raw, err := os.ReadFile(filepath.Join(numbersFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// compareVersions: the recording is of the versions that the guest has.
func compareVersions(t *testing.T, native map[string]string) {
	t.Helper()
	const script = "import numpy, pandas\nreturn {m.__name__: m.__version__ for m in (numpy, pandas)}"
	r, err := harness.Core(t).Evaluate(context.Background(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		t.Fatal(err)
	}
	var guest map[string]string
	if err := json.Unmarshal(r.Body, &guest); err != nil {
		t.Fatal(err)
	}
	for name, version := range guest {
		if native[name] != version {
			t.Errorf("%s %s was recorded, the guest has %s", name, native[name], version)
		}
	}
}

func compareCases(t *testing.T, file string, got, want map[string]json.RawMessage) {
	t.Helper()
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("%s: not recorded: run record.py", name)
		}
	}
	for name, value := range want {
		t.Run(name, func(t *testing.T) {
			if complaint := judge(gapOf(file, name), got[name], value); complaint != "" {
				t.Error(complaint)
			}
		})
	}
}
