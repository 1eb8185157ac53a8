package main

import (
	"testing"

	"tabcell/cmd/tabcell/internal/scripttest"
)

// TestGuestScripts runs the sessions that need the real guest.
func TestGuestScripts(t *testing.T) {
	guestEngine(t) // compiled once here, and not by every session at the same time
	scripttest.Run(t, "testdata/script/guest")
}
