package scripts_test

import (
	"slices"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/scripts"
)

// TestScripts leaves the other libraries to the package libraries, so that neither package needs
// long.
func TestScripts(t *testing.T) {
	scripts.Run(t, "testdata", func(f scripts.Family) bool { return slices.Contains(scripts.First, f.Library()) })
}
