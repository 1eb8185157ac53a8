// Package console tests the web console in a real browser, Debian's Chromium, which playwright-core
// controls. Node.js runs the suites in testdata; each of their tests is a subtest here.
//
// The servers run in separate processes. The suites ask for a restart, or for a proxy that removes
// a prefix, by the control server in control_test.go.
//
// To add a test, export an async function from a suite in testdata. To add a suite, add its name to
// the list of a server in console_test.go.
package console

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
