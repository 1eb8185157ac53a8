// Package input tests the server with valid, unusual and broken requests.
package input

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
