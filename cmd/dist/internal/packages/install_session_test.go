//go:build install && linux

package packages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sessionCommand is a command of a session with the output that the manual shows.
type sessionCommand struct {
	page   string // such as install.md
	text   string
	output []string
}

// hostCommands returns the commands of all sessions of the manual that name the test.
func hostCommands(t *testing.T) (all []sessionCommand) {
	t.Helper()
	pages, err := filepath.Glob("../../../../assets/docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatalf("found %d pages: %v", len(pages), err)
	}
	for _, page := range pages {
		all = append(all, pageCommands(t, page)...)
	}
	if len(all) == 0 {
		t.Fatalf("no session names %s", t.Name())
	}
	return all
}

// pageCommands returns the commands of the sessions of a page that name the test.
func pageCommands(t *testing.T, page string) (all []sessionCommand) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case line == "```console host "+t.Name():
			inside = true
		case line == "```":
			inside = false
		case inside && isCommand:
			all = append(all, sessionCommand{page: filepath.Base(page), text: command})
		case inside:
			last := &all[len(all)-1]
			last.output = append(last.output, line)
		}
	}
	return all
}

// matches compares an output with that of the manual: a line "..." is for any number of lines, and
// "..." within a line for any text.
func matches(want, got string) bool {
	pattern := regexp.QuoteMeta("\n" + want + "\n")
	pattern = strings.ReplaceAll(pattern, "\n\\.\\.\\.\n", "\n(?s:.*\n)?")
	pattern = strings.ReplaceAll(pattern, `\.\.\.`, ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString("\n" + strings.TrimRight(got, "\n") + "\n")
}

// replay runs a command of the manual.
func (c container) replay(command sessionCommand) {
	c.t.Helper()
	text := strings.Replace(command.text, "curl ", "curl -sS ", 1)
	got, err := c.shell(text)
	c.compare(command, got, err)
}

// compare compares the result of a command with the output that the manual shows.
func (c container) compare(command sessionCommand, got string, err error) {
	c.t.Helper()
	want := strings.Join(command.output, "\n")
	switch {
	case err != nil:
		c.t.Errorf("$ %s: %v\n%s", command.text, err, got)
	case len(command.output) > 0 && !matches(want, got):
		c.t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", command.text, got, want)
	}
	c.t.Logf("$ %s\n%s", command.text, got)
}
