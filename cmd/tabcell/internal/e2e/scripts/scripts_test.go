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

// family is a file of scripts; testdata/README.md describes its format.
type family struct {
	name   string // LIBRARY_TOPIC
	text   string
	alone  bool // each script runs in a cell of its own, in the guest that the router chooses
	full   bool // the scripts run in the full guest, although core has the library too
	within compare.Tolerance
	native map[string]json.RawMessage // the recorded results by script
}

// TestScripts compares the results of each family of scripts with those of a native Python.
func TestScripts(t *testing.T) {
	for _, path := range familyFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			f, err := readFamily(path)
			if err != nil {
				t.Fatal(err)
			}
			got := f.evaluate(t)
			for name := range got {
				if _, known := f.native[name]; !known {
					t.Errorf("%s: the result is not recorded: run task record:scripts", name)
				}
			}
			for name, want := range f.native {
				if problem := compare.Case(compare.GapOf(accepted, f.name, name), f.within, got[name], want); problem != "" {
					t.Errorf("%s: %s", name, problem)
				}
			}
		})
	}
}

// evaluate returns the results of the scripts. If the cell of a family ends early, each half of the
// family runs again in a cell of its own, and so on. The result of a script that ends its cell is a
// text.
func (f family) evaluate(t *testing.T) map[string]json.RawMessage {
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

func (f family) engine() (*runtime.Engine, error) {
	if f.full {
		return harness.FullEngine()
	}
	library, _, _ := strings.Cut(f.name, "_")
	return harness.EngineWith(library)
}

// names returns the sorted names of the scripts.
func (f family) names() []string { return slices.Sorted(maps.Keys(f.native)) }

// evaluateParts runs the named scripts, at most limit of them in a cell.
func (f family) evaluateParts(e runtime.Evaluator, names []string, limit int) map[string]json.RawMessage {
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
func (f family) evaluateIn(e runtime.Evaluator, names []string) (results map[string]json.RawMessage, err error) {
	run, err := os.ReadFile(filepath.Join("testdata", "run.py"))
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(map[string]any{"_arg1": f.text, "_arg2": names})
	if err != nil {
		return nil, err
	}
	script := fmt.Sprintf("%s\n%s\nreturn run_family(_arg1, _arg2)", compare.Described, run)
	r, err := e.Evaluate(context.Background(), runtime.Call{ID: f.name, Body: harness.ScriptRequest(script, string(data))})
	if err != nil {
		return nil, err
	}
	return results, json.Unmarshal(r.Body, &results)
}

func familyFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*_*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("found no scripts: %v", err)
	}
	return paths
}

func readFamily(path string) (family, error) {
	f := family{name: strings.TrimSuffix(filepath.Base(path), ".txt")}
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return f, err
	}
	f.text = string(txtar.Format(archive))
	if err := f.setOptions(string(archive.Comment)); err != nil {
		return f, err
	}
	recorded, err := os.ReadFile(filepath.Join(filepath.Dir(path), "recorded", f.name+".json"))
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(recorded, &f.native)
}

// setOptions reads the options of a family from the text before its first script.
func (f *family) setOptions(comment string) (err error) {
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
