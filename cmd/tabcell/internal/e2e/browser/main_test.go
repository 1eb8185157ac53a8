//go:build browser && linux

// Package browser checks in a real browser, Chromium, what web pages can do to a server.
package browser

import (
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }
