// Package escape attacks the server and the machine with hostile scripts and invalid requests,
// under small limits.
package escape

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
