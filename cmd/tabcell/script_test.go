package main

import (
	"testing"

	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, mainCode) }

// TestScripts runs the sessions that need no guest.
func TestScripts(t *testing.T) { scripttest.Run(t, "testdata/script") }
