package manual

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/testenv"

	markdown "github.com/yuin/goldmark/ast"
)

// allPages returns the manual, README.md, and the other pages for users and contributors.
func allPages(t *testing.T) []document {
	t.Helper()
	all := documents(t)
	for _, name := range []string{"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "httpapi/COMPAT.md"} {
		all = append(all, newDocument(name, testenv.ReadFile(t, testenv.File(name))))
	}
	return all
}

// spans returns the texts in code font within the prose of a document.
func (d document) spans() (all []string) {
	_ = markdown.Walk(d.tree, func(n markdown.Node, entering bool) (markdown.WalkStatus, error) {
		if _, ok := n.(*markdown.CodeSpan); ok && entering {
			text := ""
			for child := n.FirstChild(); child != nil; child = child.NextSibling() {
				if t, ok := child.(*markdown.Text); ok {
					text += string(t.Segment.Value(d.source)) + " "
				}
			}
			all = append(all, strings.Join(strings.Fields(text), " "))
		}
		return markdown.WalkContinue, nil
	})
	return all
}

var repositoryPath = regexp.MustCompile(`^(?:\./)?(?:assets|authn|cmd|httpapi|runtime|settings|\.ci)(?:/[\w.-]+)+$`)

// TestPaths checks that each file and folder of the repository that a page names exists.
func TestPaths(t *testing.T) {
	count := 0
	for _, d := range allPages(t) {
		for _, span := range d.spans() {
			if !repositoryPath.MatchString(span) {
				continue
			}
			count++
			if _, err := os.Stat(testenv.File(span)); err != nil {
				t.Errorf("%s names %s, which does not exist", d.name, span)
			}
		}
	}
	if count < 50 {
		t.Errorf("found only %d paths", count)
	}
}

// manPages returns the man pages of the commands, by the words of the command.
func manPages(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	var out bytes.Buffer
	app := &cli.App{Args: []string{"tabcell", "generate", "--date", "2026-11-29", dir}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}
	if code := app.Run(); code != 0 {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	files, err := fs.Glob(os.DirFS(dir), "man/*.1")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d man pages: %v", len(files), err)
	}
	pages := map[string]string{}
	for _, file := range files {
		text := strings.ReplaceAll(testenv.ReadFile(t, filepath.Join(dir, file)), `\-`, "-")
		pages[strings.TrimSuffix(filepath.Base(file), ".1")] = text
	}
	return pages
}

// hidden are commands and flags that man pages do not have, because users do not type them.
var hidden = map[string]bool{"tabcell fetch-keys": true, "tabcell endpoint --ca": true}

var (
	commandWord = regexp.MustCompile(`^[a-z]+(?:-[a-z]+)*$`)
	longFlag    = regexp.MustCompile(`(?:^|[ |\[])(--[a-z][a-z-]*)`)
)

// commandOf returns the name of the man page of a command line, and reports whether all of its words
// that must be commands are.
func commandOf(line string, pages map[string]string) (name string, ok bool) {
	name = "tabcell"
	for _, word := range strings.Fields(line)[1:] {
		if !commandWord.MatchString(word) || pages[name+"-"+word] == "" {
			return name, !commandWord.MatchString(word) || name != "tabcell" && !isGroup(name, pages) || word == "help"
		}
		name += "-" + word
	}
	return name, true
}

// isGroup reports whether a command only has other commands.
func isGroup(name string, pages map[string]string) bool {
	for other := range pages {
		if strings.HasPrefix(other, name+"-") {
			return !strings.Contains(pages[name], "[flags]")
		}
	}
	return false
}

// TestCommandLines checks that each command and each flag of tabcell that a page names in its prose
// exists.
func TestCommandLines(t *testing.T) {
	pages, count := manPages(t), 0
	for _, d := range allPages(t) {
		for _, span := range d.spans() {
			if !strings.HasPrefix(span, "tabcell ") || hidden[span] {
				continue
			}
			count++
			name, ok := commandOf(span, pages)
			if !ok {
				t.Errorf("%s names %q, which is not a command", d.name, span)
			}
			for _, m := range longFlag.FindAllStringSubmatch(span, -1) {
				if flag := m[1]; flag != "--help" && !regexp.MustCompile(regexp.QuoteMeta(flag)+`\b`).MatchString(pages[name]) {
					t.Errorf("%s names %q, but %s has no %s", d.name, span, name, flag)
				}
			}
		}
	}
	if count < 50 {
		t.Errorf("found only %d commands", count)
	}
}

// TestCommandOf checks the reading of command lines.
func TestCommandOf(t *testing.T) {
	pages := manPages(t)
	for line, want := range map[string]bool{
		"tabcell endpoint list": true, "tabcell endpoint": true, "tabcell docs cluster": true, "tabcell --version": true, "tabcell help exit-codes": true,
		"tabcell doctor tls": true, "tabcell grant test web": true, "tabcell endpoint lst": false, "tabcell nosuch": false,
	} {
		if _, ok := commandOf(line, pages); ok != want {
			t.Errorf("%q: %v", line, ok)
		}
	}
}

var task = regexp.MustCompile(`^(?:bash \.ci/run|task) ([a-z]+(?::[a-z-]+)?)\b`)

// TestTasks checks that each task that a page names exists, and each step of .ci/run.
func TestTasks(t *testing.T) {
	tasks, steps, count := testenv.ReadFile(t, testenv.File("Taskfile.yml")), testenv.ReadFile(t, testenv.File(".ci/run")), 0
	for _, d := range allPages(t) {
		for _, span := range d.spans() {
			m := task.FindStringSubmatch(span)
			if m == nil {
				continue
			}
			count++
			known := strings.Contains(tasks, "\n  "+m[1]+":\n")
			if strings.HasPrefix(span, "bash") {
				known = strings.Contains(steps, "\n"+m[1]+"() {\n")
			}
			if !known {
				t.Errorf("%s names %q, which does not exist", d.name, span)
			}
		}
	}
	if count < 5 {
		t.Errorf("found only %d tasks", count)
	}
}
