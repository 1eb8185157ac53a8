package manual

import (
	"bytes"
	"os/exec"
	"regexp"
	goruntime "runtime"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestSnippets replays the sessions of each document.
func TestSnippets(t *testing.T) {
	if goruntime.GOOS == "windows" {
		t.Skip("the sessions need a Unix shell")
	}
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the sessions need %s: %v", tool, err)
		}
	}
	harness.Core(t) // compiled once here, and not by each server
	for _, d := range documents(t) {
		t.Run(d.name, func(t *testing.T) { d.replay(t) })
	}
}

func (d document) replay(t *testing.T) {
	s := newSession(t)
	for _, b := range d.blocks() {
		if !b.is("console") || b.is("console", "host") {
			continue
		}
		commands, err := b.commands()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range commands {
			s.run(c)
		}
	}
}

// TestHostSnippets checks that each session that needs an installation names an existing test.
func TestHostSnippets(t *testing.T) {
	tests := testNames(t)
	for _, d := range documents(t) {
		for _, b := range d.blocks() {
			switch {
			case b.is("sh"), b.is("bash"), b.is("shell"), !b.is("console") && strings.HasPrefix(strings.Join(b.lines, "\n"), "$ "):
				t.Errorf("%s:%d: commands are a session: write console after the fence, and $ before each", d.name, b.line)
			case b.is("console") && len(b.info) > 1 && (!b.is("console", "host") || len(b.info) != 3):
				t.Errorf("%s:%d: write console, or console host and the name of a test", d.name, b.line)
			case b.is("console", "host") && !tests[b.info[2]]:
				t.Errorf("%s:%d: there is no test %s", d.name, b.line, b.info[2])
			}
		}
	}
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testNames returns the names of all tests of the repository, behind build tags too.
func testNames(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, file := range sources(t, "_test.go") {
		for _, m := range testFunction.FindAllSubmatch(file, -1) {
			names[string(bytes.TrimSpace(m[1]))] = true
		}
	}
	return names
}
