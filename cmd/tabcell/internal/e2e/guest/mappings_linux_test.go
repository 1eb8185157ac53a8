package guest

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// processMappings returns the number of memory mappings of this process.
func processMappings(t *testing.T) int {
	raw, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(raw, []byte("\n"))
}

// multiplier returns a small model that multiplies by n.
func multiplier(n int) runtime.Model {
	return modelOfSource(fmt.Sprint("times", n), fmt.Sprintf("def f(x):\n    return [v * %d for v in x]", n))
}

// queryMultipliers queries the models from one number up to another, which loads them.
func queryMultipliers(t *testing.T, e modelEngine, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if got, want := query(t, e, multiplier(n), `{"data": [[1, 2]]}`), fmt.Sprintf("[%d, %d]", n, 2*n); got != want {
			t.Fatalf("model %d returned %s, want %s", n, got, want)
		}
	}
}

// TestMappingsOfModels checks that a thousand small models, each of them queried, would stay far
// below 40,000 memory mappings.
func TestMappingsOfModels(t *testing.T) {
	const models, maxPerModel = 24, 20
	e := harness.Core(t)
	queryMultipliers(t, e, 0, 1)
	before := processMappings(t)
	queryMultipliers(t, e, 1, 1+models)
	if per := float64(processMappings(t)-before) / models; per > maxPerModel {
		t.Errorf("a queried model takes %.1f mappings, want at most %d", per, maxPerModel)
	}
	for n := range 1 + models {
		e.ForgetModel(multiplier(n).Digest)
	}
}
