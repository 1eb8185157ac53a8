package cli

import (
	"testing"

	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, Main) }

// TestScripts runs the sessions that need no guest. Package e2e runs the others.
func TestScripts(t *testing.T) { scripttest.Run(t, "testdata/script") }
