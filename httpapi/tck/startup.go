package tck

import (
	"fmt"
	"strings"
	"testing"
)

// replayStartup starts a server that must refuse to start, and compares its exit status and output
// with the recorded ones.
func (s *serverPool) replayStartup(t *testing.T, c Case) (differences []string) {
	t.Helper()
	server, jwks := s.prepare(t, c)
	defer jwks.close()
	status, err := s.target.RunUntilExit(t, server)
	if err != nil {
		return []string{err.Error()}
	}
	if status != c.Response.Exit {
		differences = append(differences, fmt.Sprintf("exit status %d, want %d", status, c.Response.Exit))
	}
	if printed, want := server.Output.String(), server.fill(c.Response.Message); !strings.Contains(printed, want) {
		differences = append(differences, fmt.Sprintf("%q is not in the output:\n%s", want, printed))
	}
	return differences
}
