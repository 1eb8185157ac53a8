// Package scripts compares the results of scripts with those of a native Python;
// testdata/README.md describes their files.
package scripts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/compare"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"

	"github.com/rogpeppe/go-internal/txtar"
)

// Family is a file of scripts; testdata/README.md describes its format.
type Family struct {
	Name   string // LIBRARY_TOPIC
	text   string
	run    string // Python code that runs a family, from the file run.py
	alone  bool   // each script runs in a cell of its own, in the guest that the router chooses
	full   bool   // the scripts run in the full guest, although core has the library too
	within compare.Tolerance
	native map[string]json.RawMessage // the recorded results by script
}

// First lists the libraries whose scripts run in this package.
var First = []string{"stdlib", "numpy", "pandas", "scipy", "sklearn", "answers"}

// Run compares the results of the selected families in a folder with those of a native Python.
func Run(t *testing.T, folder string, selected func(Family) bool) {
	t.Helper()
	for _, f := range Families(t, folder) {
		if selected(f) {
			t.Run(f.Name, func(t *testing.T) {
				t.Parallel()
				f.compare(t)
			})
		}
	}
}

// compare runs the scripts of a family and compares the results.
func (f Family) compare(t *testing.T) {
	t.Helper()
	got := f.evaluate(t)
	for name := range got {
		if _, known := f.native[name]; !known {
			t.Errorf("%s: the result is not recorded: run task record:scripts", name)
		}
	}
	for name, want := range f.native {
		if problem := compare.Case(compare.GapOf(accepted, f.Name, name), f.within, got[name], want); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// evaluate returns the results of the scripts. If the cell of a family ends early, each half of the
// family runs again in a cell of its own, and so on. The result of a script that ends its cell is a
// text.
func (f Family) evaluate(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	if f.alone {
		router, err := harness.Router()
		if err != nil {
			t.Fatal(err)
		}
		return f.evaluateParts(router, f.names(), 1)
	}
	e, err := f.engine()
	if err != nil {
		t.Fatal(err)
	}
	results, err := f.evaluateIn(e, nil)
	if err != nil {
		t.Logf("the scripts run again in parts: %v", err)
		return f.evaluateParts(e, f.names(), len(f.native))
	}
	return results
}

func (f Family) engine() (*runtime.Engine, error) {
	if f.full {
		return harness.FullEngine()
	}
	return harness.EngineWith(f.Library())
}

// Library returns the library with which the name of a family begins.
func (f Family) Library() string {
	library, _, _ := strings.Cut(f.Name, "_")
	return library
}

// names returns the sorted names of the scripts.
func (f Family) names() []string { return slices.Sorted(maps.Keys(f.native)) }

// evaluateParts runs the named scripts, at most limit of them in a cell.
func (f Family) evaluateParts(e runtime.Evaluator, names []string, limit int) map[string]json.RawMessage {
	if len(names) <= limit {
		results, err := f.evaluateIn(e, names)
		if err == nil {
			return results
		}
		if len(names) == 1 {
			ended, _ := json.Marshal(fmt.Sprint("the cell ended: ", err)) // cannot fail for a string
			return map[string]json.RawMessage{names[0]: ended}
		}
	}
	half := len(names) / 2
	results := f.evaluateParts(e, names[:half], limit)
	maps.Copy(results, f.evaluateParts(e, names[half:], limit))
	return results
}

// evaluateIn runs the named scripts in a cell. If names is nil, it runs all scripts.
func (f Family) evaluateIn(e runtime.Evaluator, names []string) (results map[string]json.RawMessage, err error) {
	data, err := json.Marshal(map[string]any{"_arg1": f.text, "_arg2": names})
	if err != nil {
		return nil, err
	}
	script := fmt.Sprintf("%s\n%s\nreturn run_family(_arg1, _arg2)", compare.Described, f.run)
	r, err := e.Evaluate(context.Background(), runtime.Call{ID: f.Name, Body: harness.ScriptRequest(script, string(data))})
	if err != nil {
		return nil, err
	}
	return results, json.Unmarshal(r.Body, &results)
}

// Families returns the families in a folder.
func Families(t *testing.T, folder string) (all []Family) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*_*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("found no scripts: %v", err)
	}
	for _, path := range paths {
		f, err := readFamily(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func readFamily(path string) (Family, error) {
	f := Family{Name: strings.TrimSuffix(filepath.Base(path), ".txt")}
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return f, err
	}
	f.text = string(txtar.Format(archive))
	if err := f.setOptions(string(archive.Comment)); err != nil {
		return f, err
	}
	run, err := os.ReadFile(filepath.Join(filepath.Dir(path), "run.py"))
	if err != nil {
		return f, err
	}
	f.run = string(run)
	recorded, err := os.ReadFile(filepath.Join(filepath.Dir(path), "recorded", f.Name+".json"))
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(recorded, &f.native)
}

// setOptions reads the options of a family from the text before its first script.
func (f *Family) setOptions(comment string) (err error) {
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "rtol":
			f.within.RTol, err = strconv.ParseFloat(value, 64)
		case "atol":
			f.within.ATol, err = strconv.ParseFloat(value, 64)
		case "alone":
			f.alone, err = strconv.ParseBool(value)
		case "full":
			f.full, err = strconv.ParseBool(value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
