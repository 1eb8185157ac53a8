//go:build peer && linux

// Package peer compares the program with TabPy 2.16: it runs TabPy's own tests and client against
// tabcell, and measures both servers side by side.
package peer

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
