package grants

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

// TestMain runs the program where a test starts it in a process of its own.
func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
