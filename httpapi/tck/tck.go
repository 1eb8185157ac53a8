// Package tck measures any server that speaks TabPy's protocol: it replays exchanges that were recorded with TabPy 2.16.0 and compares
// the answers. It needs nothing of this project but its own recordings; a Target says how to start a server.
//
// The words:
//   - case: a request, the answer that TabPy gave, and the rules by which another answer is compared with it.
//   - group: the cases of one file, in order. Those with the same configuration share a server, except the fresh ones.
//   - configuration: the file that a server is started with, as TabPy's users write it. The kit fills in placeholders and hands it over;
//     reading it is the server's business.
//   - difference: a sentence that says where an answer is not as recorded.
//   - gap: a case whose difference is intended, with the reason (gaps.go).
package tck

import (
	"slices"
	"strings"
	"testing"
)

// Groups are the groups that the kit carries.
var Groups = []string{"info", "evaluate-basic", "evaluate-errors", "evaluate-types", "evaluate-numpy-pandas", "columns", "tables", "tableau",
	"tutorials", "timeout", "limits"}

// Run measures a target with all groups.
func Run(t *testing.T, target Target) {
	for _, group := range Groups {
		t.Run(group, func(t *testing.T) { RunGroup(t, target, group) })
	}
}

// RunGroup measures a target with one group.
func RunGroup(t *testing.T, target Target, group string) {
	cases, err := Load(group)
	if err != nil {
		t.Fatal(err)
	}
	pool := servers{t: t, target: target, shared: map[string]*running{}}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if why := target.skips(c); why != "" {
				t.Skip(why)
			}
			server, done := pool.get(t, c)
			defer done()
			for _, complaint := range target.judge(c, server.play(c)) {
				t.Error(complaint)
			}
		})
	}
}

// judge turns the differences of a case into complaints: none for a gap, one for a gap that is none any more.
func (target Target) judge(c Case, differences []string) []string {
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
func (target Target) skips(c Case) string {
	for _, library := range c.Needs {
		if slices.Contains(target.Lacks, library) {
			return "needs " + library
		}
	}
	if !carries(c.Config) {
		return "needs the configuration " + c.Config + ", which the kit does not carry"
	}
	if target.Skip != nil {
		return strings.TrimSpace(target.Skip(c))
	}
	return ""
}
