// Package input tests the responses to valid, unusual and malformed requests.
package input

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
