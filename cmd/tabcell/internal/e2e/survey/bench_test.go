package survey

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

const surveyRounds = 3

// measureScript returns the time of each operation in seconds: the best of several batches that
// take two milliseconds or more. The first call of an operation does not count.
const measureScript = `
from time import perf_counter

def batch(work, count):
    begin = perf_counter()
    for _ in range(count):
        work()
    return perf_counter() - begin

def measure(work):
    work()
    count = 1
    while (seconds := batch(work, count)) < 0.002:
        count *= 2
    batches = max(5, min(12, int(0.15 / seconds)))
    return min(batch(work, count) for _ in range(batches)) / count

return [measure(work) for work in operations.values()]
`

// BenchmarkSurvey compares the time of each operation in a cell with that in the native Python that
// TABCELL_NATIVE_PYTHON names, and writes survey.md and survey.svg. The two run in turn, a family
// at a time. It is run by `task bench:survey` and asserts nothing, because machines are shared and
// noisy.
func BenchmarkSurvey(b *testing.B) {
	for b.Loop() {
		native := testenv.StartNativePython(b, "-c", nativeLoop)
		if native == nil {
			b.Skip("set TABCELL_NATIVE_PYTHON to a Python 3.13 with the packages of the full guest and pyarrow")
		}
		var all []measured
		for _, f := range families(b) {
			all = append(all, measureFamily(b, native, f))
			fmt.Println(all[len(all)-1].row())
		}
		for name, text := range map[string]string{"survey.md": report(all), "survey.svg": picture(all)} {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// measured is a family with the medians of the times of its operations in seconds.
type measured struct {
	family
	cell, native, ratios []float64
}

func measureFamily(b *testing.B, native *testenv.NativePython, f family) measured {
	e, err := harness.EngineWith(f.library())
	if err != nil {
		b.Fatal(err)
	}
	script := f.script(measureScript)
	var inCell, inNative, ratios [][]float64
	for range surveyRounds {
		c, n := times(b, f, evaluate(b, e, script)), times(b, f, runNative(b, native, script))
		inCell, inNative = append(inCell, c), append(inNative, n)
		quotients := make([]float64, len(c))
		for i := range c {
			quotients[i] = c[i] / n[i]
		}
		ratios = append(ratios, quotients)
	}
	return measured{f, medians(inCell), medians(inNative), medians(ratios)}
}

// medians returns the median of each column.
func medians(rows [][]float64) []float64 {
	all := make([]float64, len(rows[0]))
	for i := range all {
		column := make([]float64, len(rows))
		for j, row := range rows {
			column[j] = row[i]
		}
		all[i] = harness.Median(column)
	}
	return all
}

// times parses the result of measureScript.
func times(b *testing.B, f family, body []byte) (seconds []float64) {
	b.Helper()
	if err := json.Unmarshal(body, &seconds); err != nil || len(seconds) != len(f.operations) {
		b.Fatalf("%s: %s: %v", f.name, body, err)
	}
	return seconds
}

func evaluate(b *testing.B, e *runtime.Engine, script string) []byte {
	b.Helper()
	r, err := e.Evaluate(context.Background(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		b.Fatal(err)
	}
	return r.Body
}

// nativeLoop reads scripts, each as a line of JSON, and prints the result of each as a line of
// JSON.
const nativeLoop = `
import json, sys
for line in sys.stdin:
    names = {}
    exec("def script():\n    " + json.loads(line).replace("\n", "\n    "), names)
    print(json.dumps(names["script"]()), flush=True)
`

func runNative(b *testing.B, native *testenv.NativePython, script string) []byte {
	b.Helper()
	line, _ := json.Marshal(script) // cannot fail for a string
	if _, err := native.In.Write(append(line, '\n')); err != nil {
		b.Fatal(err)
	}
	result, err := native.Out.ReadBytes('\n')
	if err != nil {
		b.Fatal(err)
	}
	return result
}

// geometricMean returns the geometric mean of ratios.
func geometricMean(ratios []float64) float64 {
	sum := 0.0
	for _, r := range ratios {
		sum += math.Log(r)
	}
	return math.Exp(sum / float64(len(ratios)))
}

// over returns the number of ratios that exceed limit.
func over(ratios []float64, limit float64) int {
	return len(slices.DeleteFunc(slices.Clone(ratios), func(r float64) bool { return r <= limit }))
}
