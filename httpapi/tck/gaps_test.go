package tck

import "testing"

// Each gap must name a case and have a reason. At most 3 % of the cases of a group may be gaps that
// are not mandated.
func TestGaps(t *testing.T) {
	optional := map[string]int{}
	seen := map[string]bool{}
	for _, g := range Gaps {
		if seen[g.Group+g.Case] || g.Reason == "" || !hasCase(t, g) {
			t.Errorf("%s, %s: listed twice, without a reason, or without a case", g.Group, g.Case)
		}
		seen[g.Group+g.Case] = true
		if !g.Mandated {
			optional[g.Group]++
		}
	}
	for group, n := range optional {
		if cases := mustLoad(t, group); 100*n > 3*len(cases) {
			t.Errorf("%s: %d of %d cases are gaps that are not mandated, want at most 3 %%", group, n, len(cases))
		}
	}
}

func hasCase(t *testing.T, g Gap) bool {
	for _, c := range mustLoad(t, g.Group) {
		if c.Name == g.Case {
			return true
		}
	}
	return false
}

func mustLoad(t testing.TB, group string) []Case {
	t.Helper()
	cases, err := Load(group)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestFailures(t *testing.T) {
	target := Target{Gaps: []Gap{{Group: "g", Case: "known", Reason: "by design"}}}
	for _, c := range []struct {
		name        string
		differences []string
		failures    int
	}{{"other", nil, 0}, {"other", []string{"a", "b"}, 2}, {"known", []string{"a", "b"}, 0}, {"known", nil, 1}} {
		if got := target.failures(Case{Group: "g", Name: c.name}, c.differences); len(got) != c.failures {
			t.Errorf("%s with differences %q: failures %q, want %d", c.name, c.differences, got, c.failures)
		}
	}
}

func TestSkipReason(t *testing.T) {
	target := Target{MissingLibraries: []string{"scipy"}, Skip: func(c Case) string {
		if c.Name == "unsupported" {
			return "not supported"
		}
		return ""
	}}
	for _, c := range []struct {
		c       Case
		skipped bool
	}{
		{Case{Config: "default"}, false}, {Case{Config: "default", Needs: []string{"numpy", "pandas"}}, false},
		{Case{Config: "default", Needs: []string{"numpy", "scipy"}}, true}, {Case{Kind: kindStartup}, true}, {Case{Config: "default", Name: "unsupported"}, true},
	} {
		if got := target.skipReason(c.c); (got != "") != c.skipped {
			t.Errorf("%+v: skip reason %q, want skipped %v", c.c, got, c.skipped)
		}
	}
}
