package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// gapMark is a comment that marks a difference from TabPy.
var gapMark = regexp.MustCompile(`\bGAP: (.*)`)

// gapMarks returns the texts after the marks of the repository's code, to the ends of their lines, by
// the file.
func gapMarks(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("git", "ls-files", "*.go", "*.py", "*.c", "*.h")
	list.Dir = testenv.File(".")
	out, err := list.Output()
	if err != nil {
		t.Skipf("the files of the repository cannot be listed: %v", err)
	}
	marks := map[string][]string{}
	for _, name := range strings.Fields(string(out)) {
		if strings.HasSuffix(name, "_test.go") || name == "httpapi/tck/tck.go" {
			continue
		}
		for _, m := range gapMark.FindAllStringSubmatch(testenv.ReadFile(t, testenv.File(name)), -1) {
			marks[name] = append(marks[name], m[1])
		}
	}
	if len(marks) < 50 {
		t.Fatalf("only %d files have marks", len(marks))
	}
	return marks
}

// TestCompatNamesGaps checks that each row of COMPAT.md has its code in testdata/compat.txt, and that
// each mark in the code belongs to a row, which has a reason.
func TestCompatNamesGaps(t *testing.T) {
	marks := gapMarks(t)
	used := map[string]map[int]bool{}
	text := testenv.ReadFile(t, testenv.File("httpapi/COMPAT.md"))
	rows := compatRows(text)
	var listed []string
	for line := range strings.Lines(testenv.ReadFile(t, "testdata/compat.txt")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "##") {
			listed = append(listed, line)
			continue
		}
		subject, places, ok := strings.Cut(line, " = ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		listed = append(listed, subject)
		for place := range strings.SplitSeq(places, "; ") {
			checkPlace(t, subject, place, marks, used)
		}
	}
	if n := len(regexp.MustCompile(`(?m)\| *\|$`).FindAllString(text, -1)); n > 0 {
		t.Errorf("%d rows of COMPAT.md have no reason", n)
	}
	for i := range max(len(rows), len(listed)) {
		if i >= len(rows) || i >= len(listed) || rows[i] != listed[i] {
			t.Errorf("COMPAT.md and compat.txt differ from here: %q and %q", rows[min(i, len(rows)-1)], listed[min(i, len(listed)-1)])
			break
		}
	}
	for file, texts := range marks {
		for i, mark := range texts {
			if !used[file][i] {
				t.Errorf("%s: no row of COMPAT.md has the mark GAP: %s", file, mark)
			}
		}
	}
}

// checkPlace checks that a place of compat.txt exists, and adds its mark to used.
func checkPlace(t *testing.T, subject, place string, marks map[string][]string, used map[string]map[int]bool) {
	t.Helper()
	if file, ok := strings.CutPrefix(place, "~"); ok {
		if _, err := os.Stat(testenv.File(file)); err != nil {
			t.Errorf("%s: %v", subject, err)
		}
		return
	}
	file, quoted, several := strings.Cut(place, " ")
	words, err := strconv.Unquote(quoted)
	if several && err != nil {
		t.Errorf("%s: %s: %v", subject, place, err)
		return
	}
	found := 0
	for i, text := range marks[file] {
		if strings.HasPrefix(text, words) {
			found++
			if used[file] == nil {
				used[file] = map[int]bool{}
			}
			used[file][i] = true
		}
	}
	if found == 0 || !several && found > 1 {
		t.Errorf("%s: %d marks match %s", subject, found, place)
	}
}

// compatRows returns the headings of COMPAT.md that have tables below them, and the subjects of their
// rows.
func compatRows(text string) (rows []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "##"):
			rows = append(rows, line)
		case strings.HasPrefix(line, "| ") && !strings.HasPrefix(strings.ToLower(line), "| subject |"):
			rows = append(rows, strings.TrimSpace(strings.Split(line, " | ")[0][2:]))
		}
	}
	return rows
}

// TestCompatRows checks the reading of rows.
func TestCompatRows(t *testing.T) {
	got := compatRows("# X\n\n- a\n\n## Y\n\n| subject | TabPy | tabcell | reason |\n|---|---|---|---|\n| `a` b | c | d | e |\n")
	if want := []string{"## Y", "`a` b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
