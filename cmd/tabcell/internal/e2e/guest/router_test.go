// Package guest tests the real guests: their libraries, models, services and limits.
package guest

import (
	"slices"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
)

// TestFullOnly compares server.FullOnly, by which the router chooses a guest, with the top-level
// modules that only the full guest has.
func TestFullOnly(t *testing.T) {
	core, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	full, err := assets.Full()
	if err != nil {
		t.Fatal(err)
	}
	coreResources, err := core.Resources()
	if err != nil {
		t.Fatal(err)
	}
	fullResources, err := full.Resources()
	if err != nil {
		t.Fatal(err)
	}
	var fullOnly []string
	for name := range fullResources {
		module, ok := strings.CutPrefix(name, "m:")
		if _, inCore := coreResources[name]; ok && !inCore && !strings.Contains(module, ".") {
			fullOnly = append(fullOnly, module)
		}
	}
	slices.Sort(fullOnly)
	if !slices.Equal(fullOnly, server.FullOnly) {
		t.Errorf("FullOnly is %q, but the guests differ by %q", server.FullOnly, fullOnly)
	}
}

// TestRouterWithRealGuests runs a script that imports scipy, and one that hides the import from the
// router, which runs it again in the full guest.
func TestRouterWithRealGuests(t *testing.T) {
	harness.Full(t) // so that no call waits for the full guest to be compiled
	r := runtime.NewRouter(harness.Core(t), server.FullOnly, harness.FullEngine)
	for _, script := range []string{
		"from scipy import stats\nreturn round(stats.norm.cdf(1.96), 6)",
		"m = __import__('sci' + 'py.stats')\nreturn round(m.stats.norm.cdf(1.96), 6)",
	} {
		result, err := r.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
		if err != nil || string(result.Body) != "0.975002" {
			t.Errorf("%q: %s, %v", script, result.Body, err)
		}
	}
}
