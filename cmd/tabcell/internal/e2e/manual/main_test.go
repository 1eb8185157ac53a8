// Package manual replays the console sessions of the manual and of README.md, and checks that
// the links, settings, messages and tests that the pages name exist.
//
// CONTRIBUTING.md describes how a session is written.
package manual

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
