package manual

import (
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestReadyMadeModels replays the session that deploys TabPy's models, which need the larger guest.
func TestReadyMadeModels(t *testing.T) {
	needs(t, "sh")
	harness.Full(t) // compiled once here, and not by the server
	s := newSession(t)
	s.env = append(s.env, "TABCELL_GUEST=full")
	for _, c := range hostCommands(t) {
		s.run(c)
	}
}
