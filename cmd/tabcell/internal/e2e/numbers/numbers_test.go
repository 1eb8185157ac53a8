// Package numbers compares the numbers of the guest's libraries with those of a native Python.
package numbers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
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

// judge says what is wrong with a value, given the gap that lists its case or nil; "" for nothing.
func judge(gap *numberGap, got, want json.RawMessage) string {
	found := differences(got, want, tolerance{rtol: rtol})
	switch {
	case gap == nil && len(found) > 0:
		return "guest and native differ: " + strings.Join(found[:min(len(found), 4)], "; ")
	case gap == nil:
		return ""
	case len(found) == 0:
		return "equal, though listed as a gap: " + gap.reason
	case gap.within == tolerance{}:
		return ""
	}
	if found = differences(got, want, gap.within); len(found) > 0 {
		return "differs by more than the gap says: " + strings.Join(found[:min(len(found), 4)], "; ")
	}
	return ""
}

// TestJudge: the comparison sees what it is there to see.
func TestJudge(t *testing.T) {
	small := &numberGap{reason: "r", within: tolerance{atol: 1e-3}}
	for _, c := range []struct {
		gap       *numberGap
		got, want string
		complaint string
	}{
		{nil, `{"float64": [1.0000000001]}`, `{"float64": [1.0]}`, ""},
		{nil, `{"float64": [1.00000001]}`, `{"float64": [1.0]}`, "differ"},
		{nil, `{"int32": [1]}`, `{"int64": [1]}`, "differ"},
		{nil, `[1]`, `[1.0]`, "differ"},
		{nil, `[3000000001]`, `[3000000000]`, "differ"},
		{nil, `[1.0, 2.0]`, `[1.0]`, "differ"},
		{nil, `{"float": "nan"}`, `{"float": "inf"}`, "differ"},
		{nil, ``, `1`, "differ"},
		{small, `1.0001`, `1.0`, ""},
		{small, `1.01`, `1.0`, "more than"},
		{small, `1.0`, `1.0`, "equal, though"},
	} {
		complaint := judge(c.gap, json.RawMessage(c.got), json.RawMessage(c.want))
		if !strings.Contains(complaint, c.complaint) || (complaint == "") != (c.complaint == "") {
			t.Errorf("%s / %s: %q, want %q", c.got, c.want, complaint, c.complaint)
		}
	}
}

// tolerance is what floating-point numbers may differ by: atol + rtol * |native|. Everything else is equal.
type tolerance struct{ rtol, atol float64 }

// differences lists where two described values differ, each as "path: guest / native".
func differences(got, want json.RawMessage, within tolerance) []string {
	var d differ
	d.within = within
	d.walk("", decode(got), decode(want))
	return d.found
}

func decode(raw json.RawMessage) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

type differ struct {
	within tolerance
	found  []string
}

func (d *differ) walk(path string, got, want any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || !slices.Equal(sortedKeys(g), sortedKeys(w)) {
			d.differs(path, got, want)
			return
		}
		for k := range w {
			d.walk(path+"."+k, g[k], w[k])
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			d.differs(path, got, want)
			return
		}
		for i := range w {
			d.walk(fmt.Sprintf("%s[%d]", path, i), g[i], w[i])
		}
	case json.Number:
		if g, ok := got.(json.Number); !ok || !d.within.equal(g, w) {
			d.differs(path, got, want)
		}
	default:
		if got != want {
			d.differs(path, got, want)
		}
	}
}

func (d *differ) differs(path string, got, want any) {
	d.found = append(d.found, fmt.Sprintf("%s: %.300s / %.300s", path, fmt.Sprint(got), fmt.Sprint(want)))
}

func sortedKeys(m map[string]any) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// equal compares integers by their digits, and numbers with a fraction or an exponent by their size.
func (o tolerance) equal(got, want json.Number) bool {
	if !isFloat(got) || !isFloat(want) {
		return got == want
	}
	g, _ := got.Float64()
	w, _ := want.Float64()
	return math.Abs(g-w) <= o.atol+o.rtol*math.Abs(w)
}

func isFloat(n json.Number) bool { return strings.ContainsAny(n.String(), ".eE") }
