// Package tck is the technology compatibility kit for TabPy's HTTP protocol. It replays exchanges
// recorded with TabPy 2.16.0 against any server and compares the responses with the recorded ones.
// It depends on nothing in this module except its own recordings; a Target describes how to start
// the server under test.
//
// # Vocabulary
//
//   - A case is a request, the response that TabPy gave, and the rules for comparing another
//     response with it. A startup case is a start that must fail.
//   - A group consists of the cases of one file, in order. Cases with the same configuration share
//     a server, except those marked "fresh".
//   - A configuration is a configuration file in TabPy's format (testdata/configs). The kit
//     replaces its placeholders and passes it to the server, which has to parse it.
//   - Setup consists of the requests that were sent before a case. Most of them deploy a model with
//     TabPy's Python client.
//   - The JWKS server serves the public keys for token cases and counts the fetches.
//   - A difference is a sentence that describes how a response deviates from the recorded one.
//   - A gap is a case that is meant to differ, with the reason (gaps.go).
//
// # Running the kit
//
// Run runs all groups against a Target, as a Go test. Set TABCELL_TCK_GROUPS to a comma-separated
// list to run only some of them. TestPeer runs the kit against any command line, including TabPy's.
//
// # Adding a recorded group
//
//  1. Run TabPy 2.16.0 with one of testdata/configs/*.conf, or add a configuration. In the files,
//     write ${PORT}, ${STATE_PATH}, ${CONFIGS} and ${JWKS_PORT} for the values of the run.
//  2. Send the requests, and write them and TabPy's responses to testdata/public/GROUP.json in the
//     form that Case describes. Never edit a recorded response by hand: limit the comparison in the
//     case's "compare" member instead. Models copied to a staging directory go to testdata/pickles.
//  3. Add the group to Groups.
//  4. Run TestRecordingsPass and TestCorruptResponsesFail: the recordings must pass, and a
//     corrupted copy of them must not. Then run TestPeer against TabPy, which must pass without
//     gaps.
//
// # Marking a known difference
//
//  1. Add a Gap with the reason to Gaps in gaps.go. A gap that no longer differs fails its case.
//  2. Put the comment "GAP:" with the reason at the code that makes the difference.
//  3. Describe it in httpapi/COMPAT.md, and name the code in compat.txt in
//     cmd/tabcell/internal/e2e/testdata.
package tck

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Groups lists the recorded groups.
var Groups = []string{
	"info", "evaluate-basic", "evaluate-errors", "evaluate-types", "evaluate-numpy-pandas", "columns",
	"tables", "tableau", "tutorials", "timeout", "limits", "cors", "http", "logs", "settings", "startup",
	"tls", "auth", "oauth", "endpoints", "query",
}

// groupsEnv is the environment variable that selects groups, as a comma-separated list.
const groupsEnv = "TABCELL_TCK_GROUPS"

// SelectedGroups returns the groups that Run runs: those listed in TABCELL_TCK_GROUPS, or all of
// Groups if it is not set.
func SelectedGroups() []string { return parseGroups(os.Getenv(groupsEnv)) }

func parseGroups(names string) []string {
	if names == "" {
		return Groups
	}
	return strings.Split(names, ",")
}

// Run runs the selected groups against a target.
func Run(t *testing.T, target Target) {
	for _, group := range SelectedGroups() {
		t.Run(group, func(t *testing.T) { RunGroup(t, target, group) })
	}
}

// RunGroup runs one group against a target.
func RunGroup(t *testing.T, target Target, group string) {
	cases, err := Load(group)
	if err != nil {
		t.Fatal(err)
	}
	pool := newServerPool(t, target)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if reason := target.skipReason(c); reason != "" {
				t.Skip(reason)
			}
			for _, failure := range target.failures(c, pool.replay(t, c)) {
				t.Error(failure)
			}
		})
	}
}

// replay replays a case against a suitable server and returns the differences.
func (s *serverPool) replay(t *testing.T, c Case) []string {
	if c.Kind == kindStartup {
		return s.replayStartup(t, c)
	}
	server, release := s.get(t, c)
	defer release()
	return server.replay(c)
}

// failures returns the failures of a case: its differences, or for a gap, nothing if it differs and
// a single failure if it does not.
func (target Target) failures(c Case, differences []string) []string {
	i := slices.IndexFunc(target.Gaps, func(g Gap) bool { return g.Group == c.Group && g.Case == c.Name })
	if i < 0 {
		return differences
	}
	if len(differences) == 0 {
		return []string{"no longer differs, but is listed as a gap; remove it from Gaps: " + target.Gaps[i].Reason}
	}
	return nil
}

// skipReason returns the reason why the target cannot run a case, or "".
func (target Target) skipReason(c Case) string {
	for _, library := range c.Needs {
		if slices.Contains(target.MissingLibraries, library) {
			return "needs " + library
		}
	}
	if c.Kind == kindStartup && target.RunUntilExit == nil {
		return "the target has no RunUntilExit"
	}
	if target.Skip != nil {
		return strings.TrimSpace(target.Skip(c))
	}
	return ""
}
