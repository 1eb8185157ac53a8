//go:build many && linux

package guest

import (
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// TestManyModels loads a thousand small models beside both guests and queries each of them, twice.
// They just fit into the memory limit; a model that does not is loaded again the second time.
func TestManyModels(t *testing.T) {
	const models, maxMappings = 1000, 40_000
	core, full := harness.Core(t), harness.Full(t)
	router := runtime.NewRouter(core, assets.FullOnly(), func() (*runtime.Engine, error) { return full, nil })
	if got := query(t, router, modelOfSource("large", "import scipy.stats\ndef f(x):\n    return scipy.stats.tmean(x)"), `{"data": [[1, 3]]}`); got != "2.0" {
		t.Fatalf("a model of the full guest returned %s", got)
	}
	for round := range 2 {
		for from := 0; from < models; from += 100 {
			queryMultipliers(t, router, from, from+100)
			if n := processMappings(t); n >= maxMappings {
				t.Fatalf("round %d, %d models: %d mappings, want fewer than %d", round+1, from+100, n, maxMappings)
			}
		}
		t.Logf("round %d: %d mappings, %+v", round+1, processMappings(t), core.TemplateStats())
	}
}
