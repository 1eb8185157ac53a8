// Package tck measures any server that speaks TabPy's protocol: it replays exchanges that were recorded with TabPy 2.16.0 and compares
// the answers. It needs nothing of this project but its own recordings; a Target says how to start a server.
//
// The words:
//   - case: a request, the answer that TabPy gave, and the rules by which another answer is compared with it. A startup case is a start that
//     must fail.
//   - group: the cases of one file, in order. Those with the same configuration share a server, except the fresh ones.
//   - configuration: the file that a server is started with, as TabPy's users write it. The kit fills in placeholders and hands it over;
//     reading it is the server's business.
//   - setup: what was done before a case, for the most part a model deployed by TabPy's client.
//   - key sets: the server of public keys that token cases need, whose fetches are counted.
//   - difference: a sentence that says where an answer is not as recorded.
//   - gap: a case whose difference is intended, with the reason (gaps.go).
package tck

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Groups are the groups that the kit carries and that a server has to pass.
var Groups = []string{"info", "evaluate-basic", "evaluate-errors", "evaluate-types", "evaluate-numpy-pandas", "columns", "tables", "tableau",
	"tutorials", "timeout", "limits", "cors", "http", "logs", "settings", "startup", "tls", "auth", "oauth", "endpoints", "query"}

// groupsVariable names, in the environment, the groups to be measured instead, separated by commas.
const groupsEnv = "TABCELL_TCK_GROUPS"

// SelectedGroups are the groups that Run measures: all of Groups, or those that TABCELL_TCK_GROUPS names.
func SelectedGroups() []string { return parseGroups(os.Getenv(groupsEnv)) }

func parseGroups(names string) []string {
	if names == "" {
		return Groups
	}
	return strings.Split(names, ",")
}

// Run measures a target with the chosen groups.
func Run(t *testing.T, target Target) {
	for _, group := range SelectedGroups() {
		t.Run(group, func(t *testing.T) { RunGroup(t, target, group) })
	}
}

// RunGroup measures a target with one group.
func RunGroup(t *testing.T, target Target, group string) {
	cases, err := Load(group)
	if err != nil {
		t.Fatal(err)
	}
	pool := newServerPool(t, target)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if why := target.skipReason(c); why != "" {
				t.Skip(why)
			}
			for _, failure := range target.failures(c, pool.replay(t, c)) {
				t.Error(failure)
			}
		})
	}
}

// play plays a case with the server that it wants, and returns the differences.
func (s *serverPool) replay(t *testing.T, c Case) []string {
	if c.Kind == kindStartup {
		return s.replayStartup(t, c)
	}
	server, done := s.get(t, c)
	defer done()
	return server.replay(c)
}

// judge turns the differences of a case into complaints: none for a gap, one for a gap that is none any more.
func (target Target) failures(c Case, differences []string) []string {
	i := slices.IndexFunc(target.Gaps, func(g Gap) bool { return g.Group == c.Group && g.Case == c.Name })
	if i < 0 {
		return differences
	}
	if len(differences) == 0 {
		return []string{"no longer differs, but is listed as a gap: " + target.Gaps[i].Reason}
	}
	return nil
}

// skips says why a case cannot be run, or nothing.
func (target Target) skipReason(c Case) string {
	for _, library := range c.Needs {
		if slices.Contains(target.MissingLibraries, library) {
			return "needs " + library
		}
	}
	if c.Kind == kindStartup && target.RunUntilExit == nil {
		return "this target cannot be watched ending"
	}
	if target.Skip != nil {
		return strings.TrimSpace(target.Skip(c))
	}
	return ""
}
