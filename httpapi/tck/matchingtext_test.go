package tck

import (
	"regexp/syntax"
	"strings"
	"testing"
)

// matchingText returns a text that matches a simple regular expression.
func matchingText(t testing.TB, pattern string) string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return matchingTextOf(parsed)
}

func matchingTextOf(r *syntax.Regexp) string {
	switch r.Op {
	case syntax.OpLiteral:
		return string(r.Rune)
	case syntax.OpCharClass:
		return string(r.Rune[:1])
	case syntax.OpRepeat:
		return strings.Repeat(matchingTextOf(r.Sub[0]), r.Min)
	case syntax.OpStar, syntax.OpQuest:
		return ""
	}
	var b strings.Builder
	for _, sub := range r.Sub {
		b.WriteString(matchingTextOf(sub))
	}
	return b.String()
}
