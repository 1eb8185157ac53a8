// Package helm tests the Helm chart. `task test:helm` runs the tests that need the program helm.
package helm

import (
	"fmt"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

// The chart computes the memory with the numbers of package settings.
func TestFormulaHasTheNumbersOfSettings(t *testing.T) {
	sum := func(guest string, concurrency int) int {
		return settings.Settings{Cells: settings.Cells{Guest: guest, Concurrency: concurrency}}.MemorySumMB()
	}
	core, full := sum("core", 0), sum("auto", 0)
	template := testenv.ReadFile(t, testenv.File("assets/install/helm/tabcell/templates/_helpers.tpl"))
	for _, want := range []string{
		fmt.Sprintf("ternary %d %d (eq $l.guest \"core\")", core, full),
		fmt.Sprintf("(add $l.memoryLimitMB %d)", sum("core", 1)-core),
	} {
		if !strings.Contains(template, want) {
			t.Errorf("the chart's template does not have %s", want)
		}
	}
}
