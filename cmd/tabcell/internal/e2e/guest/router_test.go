// Package guest tests the guests: their libraries, models, services and limits.
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

// TestFullOnly: the router knows exactly the top-level modules that the large guest has beyond the small one.
func TestFullOnly(t *testing.T) {
	core, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	full, err := assets.Full()
	if err != nil {
		t.Fatal(err)
	}
	small, err := core.Resources()
	if err != nil {
		t.Fatal(err)
	}
	large, err := full.Resources()
	if err != nil {
		t.Fatal(err)
	}
	var more []string
	for name := range large {
		module, ok := strings.CutPrefix(name, "m:")
		if _, both := small[name]; ok && !both && !strings.Contains(module, ".") {
			more = append(more, module)
		}
	}
	slices.Sort(more)
	if !slices.Equal(more, server.FullOnly) {
		t.Errorf("fullOnly is %q, the guests differ by %q", server.FullOnly, more)
	}
}

// TestRouterWithRealGuests: a script that names scipy, and one that hides it, are answered by the large guest.
func TestRouterWithRealGuests(t *testing.T) {
	harness.Full(t) // no call shall wait for it to be compiled
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
