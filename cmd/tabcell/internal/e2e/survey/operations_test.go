// Package survey measures operations that analysts use, in cells and in a native Python.
//
// A file in testdata has the operations of one family: the setup of a script, a line ---, and a
// line NAME: EXPRESSION for each operation. To add an operation, add a line.
package survey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// family is a list of operations that have their setup in common.
type family struct {
	name       string
	setup      string
	operations []operation
}

type operation struct{ name, expression string }

// families reads the files in testdata, in the order of their names.
func families(t testing.TB) (all []family) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no operations in testdata: %v", err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parseFamily(string(raw))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		_, f.name, _ = strings.Cut(strings.TrimSuffix(filepath.Base(path), ".txt"), "-")
		all = append(all, f)
	}
	return all
}

func parseFamily(text string) (f family, err error) {
	setup, lines, found := strings.Cut(text, "\n---\n")
	if !found {
		return f, fmt.Errorf("there is no line ---")
	}
	f.setup = setup
	for line := range strings.Lines(lines) {
		name, expression, found := strings.Cut(strings.TrimSpace(line), ": ")
		if !found {
			return f, fmt.Errorf("%q is not NAME: EXPRESSION", line)
		}
		f.operations = append(f.operations, operation{name, expression})
	}
	return f, nil
}

// library returns a library of the guest that the family needs.
func (f family) library() string {
	library, _, _ := strings.Cut(f.name, "-")
	return library
}

// script returns a script that ends with the given lines, which find the operations as functions in
// the dictionary operations.
func (f family) script(last string) string {
	var b strings.Builder
	b.WriteString(f.setup + "\noperations = {\n")
	for _, o := range f.operations {
		fmt.Fprintf(&b, "    %q: lambda: (%s),\n", o.name, o.expression)
	}
	return b.String() + "}\n" + last
}
