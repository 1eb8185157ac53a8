package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

var codeSpan = regexp.MustCompile("`([^`]+)`")

// TestPromises checks that each promise of SECURITY.md names the code that enforces it and tests that
// exist, each after its package.
func TestPromises(t *testing.T) {
	count := 0
	for line := range strings.Lines(testenv.ReadFile(t, testenv.File("SECURITY.md"))) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 || strings.HasPrefix(line, "| promise ") {
			continue
		}
		count++
		promise := cells[0][2:]
		for _, m := range codeSpan.FindAllStringSubmatch(cells[1], -1) {
			if _, err := os.Stat(testenv.File(m[1])); err != nil {
				t.Errorf("%s\nis enforced in %v", promise, err)
			}
		}
		if n := countTests(t, promise, cells[2]); n == 0 {
			t.Errorf("%s\nhas no test", promise)
		}
	}
	if count < 15 {
		t.Errorf("found only %d promises", count)
	}
}

// countTests checks the tests in a cell of the table, and returns their number.
func countTests(t *testing.T, promise, cell string) (count int) {
	t.Helper()
	folder := ""
	for _, m := range codeSpan.FindAllStringSubmatch(cell, -1) {
		switch name := m[1]; {
		case strings.HasPrefix(name, "task "):
		case !strings.HasPrefix(name, "Test"):
			folder = name
		default:
			count++
			if !hasTest(t, folder, name) {
				t.Errorf("%s\nnames %s, which %s does not have", promise, name, folder)
			}
		}
	}
	return count
}

// hasTest reports whether a package has a test, perhaps behind a build tag.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testenv.File(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.Contains(testenv.ReadFile(t, file), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
