package guest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

const benchRounds = 5

// BenchmarkGuest prints how long the kernels take in a cell and how often as long that is as natively, and what an import costs:
// `task bench:guest`. The native times are of the Python that TABCELL_NATIVE_PYTHON names, taken in turn with the guest's; without it only
// the guest's are printed. Nothing here is asserted: machines are shared and noisy.
func BenchmarkGuest(b *testing.B) {
	for b.Loop() {
		native := startNative(b)
		fmt.Println()
		for _, k := range kernels {
			benchKernel(b, native, k)
		}
		for _, module := range []string{"numpy", "pandas", "scipy.stats", "sklearn.linear_model"} {
			benchImport(b, module)
		}
	}
}

// timed is a script that returns the seconds one run of the work takes, the first run not counted.
func (k kernel) timed() string {
	return k.setup + "\ndef work():\n    " + strings.ReplaceAll(k.work, "\n", "\n    ") + `
import time
work()
runs, begun = 0, time.perf_counter()
while time.perf_counter() - begun < 0.05:
    work()
    runs += 1
return (time.perf_counter() - begun) / runs
`
}

func benchKernel(b *testing.B, native *nativePython, k kernel) {
	e, err := harness.EngineWith(k.library)
	if err != nil {
		fmt.Printf("%-8s %-32s %v\n", k.library, k.name, err)
		return
	}
	var inGuest, natively, ratios []float64
	for range benchRounds {
		g := inCell(b, e, k.timed())
		inGuest = append(inGuest, g)
		if native != nil {
			n := native.run(b, k.timed())
			natively, ratios = append(natively, n), append(ratios, g/n)
		}
	}
	line := fmt.Sprintf("%-8s %-32s guest %9.3f ms", k.library, k.name, 1e3*harness.Median(inGuest))
	if native != nil {
		line += fmt.Sprintf("  native %9.3f ms  ratio %6.2f", 1e3*harness.Median(natively), harness.Median(ratios))
	}
	fmt.Println(line)
}

// inCell runs a script in a fresh cell; it returns a number.
func inCell(b *testing.B, e *runtime.Engine, script string) float64 {
	b.Helper()
	r, err := e.Evaluate(context.Background(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		b.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(string(r.Body), 64)
	if err != nil {
		b.Fatal(err)
	}
	return seconds
}

// benchImport prints how long a call takes that imports a module in a fresh cell, and what the import costs a fresh process.
func benchImport(b *testing.B, module string) {
	library, _, _ := strings.Cut(module, ".")
	e, err := harness.EngineWith(library)
	if err != nil {
		fmt.Printf("import %-25s %v\n", module, err)
		return
	}
	var with, without, process []time.Duration
	for range benchRounds {
		with, without = append(with, callTime(b, e, "import "+module+"\nreturn 1")), append(without, callTime(b, e, "return 1"))
		if python := os.Getenv("TABCELL_NATIVE_PYTHON"); python != "" {
			process = append(process, processTime(b, python, "import "+module)-processTime(b, python, "pass"))
		}
	}
	line := fmt.Sprintf("import %-25s call %9.3f ms, without it %9.3f ms", module, harness.Microseconds(harness.Median(with))/1e3, harness.Microseconds(harness.Median(without))/1e3)
	if len(process) > 0 {
		line += fmt.Sprintf("  in a fresh process %9.3f ms", harness.Microseconds(harness.Median(process))/1e3)
	}
	fmt.Println(line)
}

// callTime is the shortest of ten calls.
func callTime(b *testing.B, e *runtime.Engine, script string) time.Duration {
	b.Helper()
	shortest := time.Duration(math.MaxInt64)
	for range 10 {
		begun := time.Now()
		inCell(b, e, script)
		shortest = min(shortest, time.Since(begun))
	}
	return shortest
}

func processTime(b *testing.B, python, script string) time.Duration {
	b.Helper()
	begun := time.Now()
	if out, err := exec.Command(python, "-c", script).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return time.Since(begun)
}

// nativePython is a Python process that answers each script, a line of JSON, with a line.
type nativePython struct {
	in  io.Writer
	out *bufio.Reader
}

const nativeLoop = `
import json, sys
for line in sys.stdin:
    names = {}
    exec("def script():\n    " + json.loads(line).replace("\n", "\n    "), names)
    print(names["script"](), flush=True)
`

// startNative starts the native Python with one thread, as a cell has; nil without TABCELL_NATIVE_PYTHON.
func startNative(b *testing.B) *nativePython {
	b.Helper()
	python := os.Getenv("TABCELL_NATIVE_PYTHON")
	if python == "" {
		return nil
	}
	cmd := exec.Command(python, "-c", nativeLoop)
	cmd.Env = slices.Concat(os.Environ(), []string{"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"})
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	return &nativePython{in, bufio.NewReader(out)}
}

func (p *nativePython) run(b *testing.B, script string) float64 {
	b.Helper()
	line, _ := json.Marshal(script) // cannot fail for a string
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		b.Fatal(err)
	}
	answer, err := p.out.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(answer), 64)
	if err != nil {
		b.Fatal(err)
	}
	return seconds
}
