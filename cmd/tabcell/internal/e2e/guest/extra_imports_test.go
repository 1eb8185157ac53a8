package guest

import (
	"strconv"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// importScript imports a module and returns the milliseconds that this takes.
const importScript = `import time, warnings
warnings.simplefilter('ignore')
start = time.perf_counter()
__import__('MODULE')
return round((time.perf_counter() - start) * 1000, 1)`

// TestExtraImports imports each package of the archive "extra" in a fresh cell of the full guest,
// whose libraries some of them need, and logs the times. The packages are decompressed before.
func TestExtraImports(t *testing.T) {
	guest, err := assets.Full()
	if err != nil {
		t.Fatal(err)
	}
	e := harness.Full(t)
	for _, part := range assets.Manifest().Extra.Parts {
		for _, module := range partModules(t, guest, part) {
			script := strings.ReplaceAll(importScript, "MODULE", module)
			got, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
			if err != nil {
				t.Errorf("%s: import %s: %v", part.Name, module, err)
				continue
			}
			if ms, err := strconv.ParseFloat(string(got.Body), 64); err != nil {
				t.Errorf("%s: import %s returns %q", part.Name, module, got.Body)
			} else {
				t.Logf("%-20s %-20s %7.1f ms, %8d bytes compressed", part.Name, module, ms, part.Size)
			}
		}
	}
}

// partModules returns the top-level modules of a part. Parts with data for others have none.
func partModules(t *testing.T, guest assets.Guest, part assets.PartInfo) (modules []string) {
	t.Helper()
	for _, entry := range part.Entries {
		resources, err := guest.Parts[entry]()
		if err != nil {
			t.Fatal(err)
		}
		if module := strings.TrimSuffix(strings.TrimSuffix(entry, "/"), ".py"); resources["m:"+module] != nil {
			modules = append(modules, module)
		}
	}
	return modules
}
