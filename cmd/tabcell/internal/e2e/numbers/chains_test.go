//go:build chains

package numbers

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/compare"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// chainTolerance allows for errors that grow along a chain.
var chainTolerance = compare.Tolerance{RTol: 1e-7, ATol: 1e-9}

// maxReports is the number of differing chains after which TestChains stops.
const maxReports = 20

// chain is a program and the native results of its lines.
type chain struct {
	Lines   []string          `json:"lines"`
	Results []json.RawMessage `json:"results"`
}

// TestChains runs random chains of operations natively and in cells and reports, for each chain
// that differs, its seed and the shortest chain with that difference that was found. It is run by
// `task differ`. TABCELL_NATIVE_PYTHON names a Python with the guest's versions of numpy and
// pandas, TABCELL_CHAINS_FOR the duration, and TABCELL_CHAINS_SEED the first seed.
func TestChains(t *testing.T) {
	native := startNative(t)
	engine := harness.Core(t)
	seed, duration := chainOptions(t)
	t.Logf("the first seed is %d", seed)
	count, reports := 0, 0
	for end := time.Now().Add(duration); time.Now().Before(end) && reports < maxReports; {
		batch := make([]chain, 20)
		for i := range batch {
			batch[i] = native.ask(t, map[string]any{"seed": seed + int64(i)})
		}
		for i, got := range runChains(t, engine, batch) {
			if step := firstDifference(got, batch[i].Results); step >= 0 {
				short := shorten(t, native, engine, batch[i].Lines[:step+1])
				report(t, native, engine, seed+int64(i), short)
				reports++
			}
		}
		count += len(batch)
		seed += int64(len(batch))
	}
	t.Logf("%d chains, %d differ", count, reports)
}

func chainOptions(t *testing.T) (seed int64, duration time.Duration) {
	t.Helper()
	seed, duration = time.Now().Unix()*1000, time.Minute
	var err error
	if text := os.Getenv("TABCELL_CHAINS_SEED"); text != "" {
		if seed, err = strconv.ParseInt(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	if text := os.Getenv("TABCELL_CHAINS_FOR"); text != "" {
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	return seed, duration
}

// nativePython is a process that makes and runs chains natively.
type nativePython struct{ *testenv.NativePython }

func startNative(t *testing.T) nativePython {
	t.Helper()
	native := testenv.StartNativePython(t, filepath.Join("testdata", "chains", "chains.py"))
	if native == nil {
		t.Fatal("set TABCELL_NATIVE_PYTHON to a Python with the guest's versions of numpy and pandas")
	}
	return nativePython{native}
}

// ask sends a request, whose form chains.py describes, and returns the chain of the response.
func (p nativePython) ask(t *testing.T, request any) (c chain) {
	t.Helper()
	if err := json.NewEncoder(p.In).Encode(request); err != nil {
		t.Fatal(err)
	}
	line, err := p.Out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// runChains runs chains in a cell, one after another, and returns the results of their lines.
func runChains(t *testing.T, e runtime.Evaluator, chains []chain) (results [][]json.RawMessage) {
	t.Helper()
	programs := make([][]string, len(chains))
	for i, c := range chains {
		programs[i] = c.Lines
	}
	data, _ := json.Marshal(map[string]any{"_arg1": programs}) // cannot fail for strings
	library := compare.Described + "\n" + readText(t, filepath.Join("chains", "chains.py"))
	library, _, _ = strings.Cut(library, "\nif __name__")
	script := library + "\nreturn [run_chain(p) for p in _arg1]"
	r, err := e.Evaluate(context.Background(), runtime.Call{ID: "chains", Body: harness.ScriptRequest(script, string(data))})
	if err != nil && len(chains) == 1 {
		ended, _ := json.Marshal(fmt.Sprint("the cell ended: ", err))
		return [][]json.RawMessage{slices.Repeat([]json.RawMessage{ended}, len(chains[0].Lines))}
	}
	if err != nil { // one of them ended the cell
		for _, c := range chains {
			results = append(results, runChains(t, e, []chain{c})...)
		}
		return results
	}
	if err := json.Unmarshal(r.Body, &results); err != nil {
		t.Fatal(err)
	}
	return results
}

// firstDifference returns the index of the first line whose results differ, or -1.
func firstDifference(got, want []json.RawMessage) int {
	for i := range want {
		if len(compare.Differences(got[i], want[i], chainTolerance)) > 0 {
			return i
		}
	}
	return -1
}

// shorten removes lines whose removal keeps the difference in the last line.
func shorten(t *testing.T, native nativePython, e runtime.Evaluator, lines []string) []string {
	t.Helper()
	for i := len(lines) - 2; i > 0; i-- {
		shorter := slices.Delete(slices.Clone(lines), i, i+1)
		c := native.ask(t, map[string]any{"lines": shorter})
		got := runChains(t, e, []chain{c})[0]
		if firstDifference(got, c.Results) == len(shorter)-1 {
			lines = shorter
		}
	}
	return lines
}

// report fails the test with a chain and the difference in its last line.
func report(t *testing.T, native nativePython, e runtime.Evaluator, seed int64, lines []string) {
	t.Helper()
	c := native.ask(t, map[string]any{"lines": lines})
	got := runChains(t, e, []chain{c})[0]
	last := len(lines) - 1
	found := compare.Differences(got[last], c.Results[last], chainTolerance)
	t.Errorf("seed %d: %s\n%s", seed, strings.Join(found[:min(len(found), 3)], "; "), strings.Join(lines, "\n"))
}
