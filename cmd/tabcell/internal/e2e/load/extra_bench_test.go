package load

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// BenchmarkExtra prints the costs of the archive "extra": to scripts that import nothing of it, in
// engines with and without it, and to scripts that import a package (task bench:extra).
func BenchmarkExtra(b *testing.B) {
	for b.Loop() {
		fmt.Println("\n| engine | tiny script us | private memory MB |\n|---|--:|--:|")
		for _, name := range []string{"(warm-up)", "without extra"} {
			extraEngine(b, name, false).Close()
		}
		e := extraEngine(b, "with extra", true)
		fmt.Println("\n| import | first ms | second ms | median of the next 20 ms | more private memory MB |\n|---|--:|--:|--:|--:|")
		for _, module := range []string{"json", "certifi", "idna", "requests"} {
			benchImport(b, e, module)
		}
		e.Close()
	}
}

// extraEngine starts an engine with or without the parts, and prints the costs of a tiny script.
func extraEngine(b *testing.B, name string, parts bool) *runtime.Engine {
	guest, err := assets.Core()
	if err != nil {
		b.Fatal(err)
	}
	if !parts {
		guest.Parts = nil
	}
	before := privateMemory()
	e, err := runtime.New(b.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir()})
	if err != nil {
		b.Fatal(err)
	}
	var times []time.Duration
	for range 3000 {
		times = append(times, evaluate(b, e, tinyRequest).Timing.Run)
		waitIdle(e)
	}
	fmt.Printf("| %s | %.0f | %.1f |\n", name, harness.Microseconds(harness.Median(times)), (privateMemory()-before)*1.048576)
	return e
}

// benchImport prints the times of a script that imports a module and does nothing else.
func benchImport(b *testing.B, e *runtime.Engine, module string) {
	body := `{"script": ` + strconv.Quote("import "+module+"\nreturn 1") + `, "data": {}}`
	before := privateMemory()
	var times []time.Duration
	for range 22 {
		begun := time.Now()
		evaluate(b, e, body)
		times = append(times, time.Since(begun))
		waitIdle(e)
	}
	first, second, next := times[0], times[1], harness.Median(times[2:])
	fmt.Printf("| %s | %.1f | %.1f | %.1f | %.1f |\n", module, ms(first), ms(second), ms(next), (privateMemory()-before)*1.048576)
}

func ms(d time.Duration) float64 { return harness.Microseconds(d) / 1000 }
