package main

import (
	"testing"

	"tabcell/httpapi/tck"
	"tabcell/runtime/runtimetest"
)

// TestConformance replays what TabPy 2.16 answered, through the front door: the configuration file is read as it is.
func TestConformance(t *testing.T) {
	fullGuestEngine(t) // compiled before a case waits for it
	tck.Run(t, tck.Target{
		Start: func(t testing.TB, s tck.Server) (string, func()) {
			server := startConfigured(t, s.Text, s.Port, sharedRouter)
			return server.url, server.stop
		},
		Gaps: tck.Gaps,
	})
}

// TestEngineContract: the real engine keeps what httpapi's stand-in keeps.
func TestEngineContract(t *testing.T) { runtimetest.Contract(t, guestEngine(t)) }
