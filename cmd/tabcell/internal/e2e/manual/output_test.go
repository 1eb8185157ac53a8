package manual

import (
	"regexp"
	"strings"
	"testing"
)

// outputPattern returns a pattern for an output that a document shows. "..." stands for any text in
// a line, and alone in a line for any number of lines.
func outputPattern(shown []string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^")
	for _, line := range shown {
		if strings.TrimSpace(line) == "..." {
			b.WriteString(`(?:[^\n]*\n)*?`)
			continue
		}
		quoted := regexp.QuoteMeta(strings.TrimRight(line, " "))
		b.WriteString(strings.ReplaceAll(quoted, `\.\.\.`, `[^\n]*`) + `[ \t]*\n`)
	}
	return regexp.MustCompile(b.String() + `\n*$`)
}

// matches reports whether an output is the one that a document shows.
func matches(shown []string, output string) bool {
	shown = strings.Split(strings.TrimRight(strings.Join(shown, "\n"), "\n "), "\n")
	return outputPattern(shown).MatchString(strings.TrimRight(output, "\n") + "\n")
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		shown, output string
		want          bool
	}{
		{"a\nb", "a\nb\n", true},
		{"a\nb\n", "a\nb", true},
		{"a", "a\nb\n", false},
		{"a\nb", "a\n", false},
		{"a", "xa", false},
		{"a...z", "a to z", true},
		{"a...z", "a\nz", false},
		{"...\nlast", "first\nsecond\nlast\n", true},
		{"first\n...", "first\n", true},
		{"first\n...\nlast", "first\nlast", true},
		{"[1, (2)]", "[1, (2)]", true},
		{"a.b", "axb", false},
		{"", "anything", false},
	} {
		if got := matches(strings.Split(c.shown, "\n"), c.output); got != c.want {
			t.Errorf("%q and %q: %v", c.shown, c.output, got)
		}
	}
}
