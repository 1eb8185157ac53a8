// Package e2e tests the whole program: sessions with the real guests, and the layout of the
// repository. Its folders have the tests that take long.
package e2e

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }

// TestGuestScripts runs the sessions that need the real guest.
func TestGuestScripts(t *testing.T) {
	harness.Core(t) // compiled once here, and not by every session at the same time
	scripttest.Run(t, "testdata/script")
}
