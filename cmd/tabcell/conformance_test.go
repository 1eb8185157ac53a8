package main

import (
	"testing"

	"tabcell/httpapi/tck"
	"tabcell/runtime/runtimetest"
)

// TestConformance replays what TabPy 2.16 answered, through the front door: the configuration file is read as it is.
func TestConformance(t *testing.T) {
	guestEngine(t)
	tck.Run(t, tck.Target{
		Start: func(t testing.TB, s tck.Server) (string, func()) {
			server := startConfigured(t, s.Text, s.Port)
			return server.url, server.stop
		},
		Lacks: []string{"scipy", "sklearn"}, // not in the core guest
		Gaps:  tck.Gaps,
	})
}

// TestEngineContract: the real engine keeps what httpapi's stand-in keeps.
func TestEngineContract(t *testing.T) { runtimetest.Contract(t, guestEngine(t)) }
