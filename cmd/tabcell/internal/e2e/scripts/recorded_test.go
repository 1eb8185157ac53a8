package scripts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/compare"
)

// TestRecordedScripts checks that there are enough scripts for each library, that each accepted
// difference names a script and a reason, and that the results were recorded with the guest's
// versions of the packages.
func TestRecordedScripts(t *testing.T) {
	native := map[string]map[string]json.RawMessage{}
	count := map[string]int{}
	for _, f := range Families(t, "testdata") {
		native[f.Name] = f.native
		count[f.Library()] += len(f.native)
		count["all"] += len(f.native)
	}
	minimums := map[string]int{"all": 4000, "stdlib": 1300, "numpy": 1000, "pandas": 1000, "scipy": 500, "sklearn": 300}
	for library := range minimums {
		count[library] += 0 // so that a library without scripts counts, too
	}
	for library := range count {
		if minimum := max(10, minimums[library]); count[library] < minimum {
			t.Errorf("%s: %d scripts, want at least %d", library, count[library], minimum)
		}
	}
	for _, g := range accepted {
		for _, name := range g.Names {
			if _, known := native[g.File][name]; !known || g.Reason == "" {
				t.Errorf("accepted difference %s, %s: there is no such script, or it has no reason", g.File, name)
			}
		}
	}
	compare.Versions(t, recordedVersions(t))
}

// recordedVersions returns the versions of the packages with which the scripts were recorded.
func recordedVersions(t *testing.T) (versions map[string]string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "recorded", "versions.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &versions); err != nil {
		t.Fatal(err)
	}
	return versions
}
