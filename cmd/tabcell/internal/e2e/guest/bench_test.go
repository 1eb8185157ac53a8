package guest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

const benchRounds = 5

// BenchmarkGuest prints how long the kernels and some imports take in a cell, and the ratio to the
// time that a native Python takes. It is run by `task bench:guest`. TABCELL_NATIVE_PYTHON names the
// native Python, whose runs alternate with those of the guest; without it only the guest is
// measured. The benchmark asserts nothing, because machines are shared and noisy.
func BenchmarkGuest(b *testing.B) {
	for b.Loop() {
		native := testenv.StartNativePython(b, "-c", nativeLoop)
		fmt.Printf("\nengine: %s\n", runtime.EngineName())
		for _, k := range kernels {
			benchKernel(b, native, k)
		}
		for _, module := range []string{"numpy", "pandas", "scipy.stats", "sklearn.linear_model"} {
			benchImport(b, module)
		}
	}
}

// script returns a script that measures a run of the kernel in seconds. It does not count the first
// run.
func (k kernel) script() string {
	return k.setup + "\ndef work():\n    " + strings.ReplaceAll(k.work, "\n", "\n    ") + `
import time
work()
runs, begin = 0, time.perf_counter()
while time.perf_counter() - begin < 0.05:
    work()
    runs += 1
return (time.perf_counter() - begin) / runs
`
}

func benchKernel(b *testing.B, native *testenv.NativePython, k kernel) {
	e, err := harness.EngineWith(k.library)
	if err != nil {
		fmt.Printf("%-8s %-32s %v\n", k.library, k.name, err)
		return
	}
	var inGuest, inNative, ratios []float64
	for range benchRounds {
		g := evaluateNumber(b, e, k.script())
		inGuest = append(inGuest, g)
		if native != nil {
			n := runNative(b, native, k.script())
			inNative, ratios = append(inNative, n), append(ratios, g/n)
		}
	}
	line := fmt.Sprintf("%-8s %-32s guest %9.3f ms", k.library, k.name, 1e3*harness.Median(inGuest))
	if native != nil {
		line += fmt.Sprintf("  native %9.3f ms  ratio %6.2f", 1e3*harness.Median(inNative), harness.Median(ratios))
	}
	fmt.Println(line)
}

// evaluateNumber runs a script in a fresh cell and returns its result.
func evaluateNumber(b *testing.B, e *runtime.Engine, script string) float64 {
	b.Helper()
	r, err := e.Evaluate(context.Background(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		b.Fatal(err)
	}
	number, err := strconv.ParseFloat(string(r.Body), 64)
	if err != nil {
		b.Fatal(err)
	}
	return number
}

// benchImport prints how long a call that imports a module takes in a fresh cell, and how long the
// import takes in a fresh process of the native Python.
func benchImport(b *testing.B, module string) {
	library, _, _ := strings.Cut(module, ".")
	e, err := harness.EngineWith(library)
	if err != nil {
		fmt.Printf("import %-25s %v\n", module, err)
		return
	}
	var with, without, process []time.Duration
	for range benchRounds {
		with = append(with, callTime(b, e, "import "+module+"\nreturn 1"))
		without = append(without, callTime(b, e, "return 1"))
		if python := os.Getenv("TABCELL_NATIVE_PYTHON"); python != "" {
			process = append(process, processTime(b, python, "import "+module)-processTime(b, python, "pass"))
		}
	}
	line := fmt.Sprintf("import %-25s call %9.3f ms, without it %9.3f ms", module, milliseconds(with), milliseconds(without))
	if len(process) > 0 {
		line += fmt.Sprintf("  in a fresh process %9.3f ms", milliseconds(process))
	}
	fmt.Println(line)
}

// milliseconds returns the median of times in milliseconds.
func milliseconds(times []time.Duration) float64 {
	return harness.Microseconds(harness.Median(times)) / 1e3
}

// callTime returns the shortest duration of ten calls.
func callTime(b *testing.B, e *runtime.Engine, script string) time.Duration {
	b.Helper()
	shortest := time.Duration(math.MaxInt64)
	for range 10 {
		begin := time.Now()
		evaluateNumber(b, e, script)
		shortest = min(shortest, time.Since(begin))
	}
	return shortest
}

// processTime returns how long a fresh process of the native Python takes for a script.
func processTime(b *testing.B, python, script string) time.Duration {
	b.Helper()
	begin := time.Now()
	if out, err := exec.Command(python, "-c", script).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return time.Since(begin)
}

// nativeLoop reads scripts, each as a line of JSON, and prints the result of each as a line.
const nativeLoop = `
import json, sys
for line in sys.stdin:
    names = {}
    exec("def script():\n    " + json.loads(line).replace("\n", "\n    "), names)
    print(names["script"](), flush=True)
`

// runNative runs a script in the native Python and returns its result.
func runNative(b *testing.B, native *testenv.NativePython, script string) float64 {
	b.Helper()
	line, _ := json.Marshal(script) // cannot fail for a string
	if _, err := native.In.Write(append(line, '\n')); err != nil {
		b.Fatal(err)
	}
	result, err := native.Out.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(result), 64)
	if err != nil {
		b.Fatal(err)
	}
	return seconds
}
