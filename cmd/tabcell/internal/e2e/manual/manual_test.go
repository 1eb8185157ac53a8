package manual

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
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

// replay runs the sessions of the document, in sequence.
func (d document) replay(t *testing.T) {
	s := newSession(t)
	if prepare := preparations[d.name]; prepare != nil {
		prepare(s, d)
	}
	for _, b := range d.blocks() {
		if !b.is("console") || b.is("console", "host") {
			continue
		}
		for _, c := range b.mustCommands(t, d.name) {
			if notReplayed[c.text] == "" {
				s.run(c)
			}
		}
	}
}

// notReplayed lists commands of sessions that no test runs, with the reason.
var notReplayed = map[string]string{
	"go test ./...": "it would run this test again; .ci/run runs it",
}

// TestSessionsAreReplayed checks that each session is one that a test replays: TestSnippets, or the
// test that its block names, which has to call hostCommands.
func TestSessionsAreReplayed(t *testing.T) {
	tests, left := replayers(t), maps.Clone(notReplayed)
	for _, d := range documents(t) {
		for _, b := range d.blocks() {
			text := strings.Join(b.lines, "\n")
			switch {
			case b.is("sh"), b.is("bash"), b.is("shell"), !b.is("console") && strings.HasPrefix(text, "$ "):
				t.Errorf("%s:%d: commands are a session: write console after the fence, and $ before each", d.name, b.line)
			case !b.is("console"):
				continue
			case len(b.info) > 1 && (!b.is("console", "host") || len(b.info) != 3):
				t.Errorf("%s:%d: write console, or console host and the name of a test", d.name, b.line)
			case b.is("console", "host") && !tests[b.info[2]]:
				t.Errorf("%s:%d: no test %s replays sessions", d.name, b.line, b.info[2])
			}
			for _, c := range b.mustCommands(t, d.name) {
				delete(left, c.text)
			}
		}
	}
	for text := range left {
		t.Errorf("no session has the command %q", text)
	}
}

// replayers returns the names of the tests of the repository that call hostCommands, behind build
// tags too. This function returns the commands of all sessions that name the test.
func replayers(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for name, source := range sources(t, "_test.go") {
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && calls(f, "hostCommands") {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

// calls reports whether a function calls one of the given name, or a method.
func calls(f *ast.FuncDecl, name string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch function := call.Fun.(type) {
		case *ast.Ident:
			found = found || function.Name == name
		case *ast.SelectorExpr:
			found = found || function.Sel.Name == name
		}
		return true
	})
	return found
}
