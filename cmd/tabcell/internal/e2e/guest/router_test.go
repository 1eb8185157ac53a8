// Package guest tests the real guests: their libraries, models, services and limits.
package guest

import (
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// TestRouterWithRealGuests runs a script that imports scipy, and one that hides the import from the
// router, which runs it again in the full guest.
func TestRouterWithRealGuests(t *testing.T) {
	harness.Full(t) // so that no call waits for the full guest to be compiled
	r := runtime.NewRouter(harness.Core(t), assets.FullOnly(), harness.FullEngine)
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
