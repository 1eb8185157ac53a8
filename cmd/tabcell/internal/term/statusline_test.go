package term

import (
	"fmt"
	"strings"
	"testing"
)

// screen returns what a terminal shows after text was written to it: a carriage return moves the
// cursor to the start of the line, and characters overwrite those that are there.
func screen(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var shown []rune
		column := 0
		for _, r := range line {
			if r == '\r' {
				column = 0
				continue
			}
			if column == len(shown) {
				shown = append(shown, ' ')
			}
			shown[column] = r
			column++
		}
		lines = append(lines, strings.TrimRight(string(shown), " "))
	}
	return strings.Join(lines, "\n")
}

func TestStatusLine(t *testing.T) {
	var out strings.Builder
	l := NewStatusLine(&out)
	for i, step := range []struct {
		do   func()
		want string
	}{
		{func() { l.Set("compiling: 9 %, about 12 s left") }, "compiling: 9 %, about 12 s left"},
		{func() { l.Set("compiling: 10 %, about 9 s left") }, "compiling: 10 %, about 9 s left"},
		{func() { fmt.Fprintln(l, "first") }, "first\ncompiling: 10 %, about 9 s left"},
		{func() { fmt.Fprint(l, "sec") }, "first\nsec"}, // the rest of the line follows
		{func() { l.Set("11 %") }, "first\nsec"},
		{func() { fmt.Fprintln(l, "ond") }, "first\nsecond\n11 %"},
		{func() { l.Set("") }, "first\nsecond\n"},
		{func() { fmt.Fprintln(l, "third") }, "first\nsecond\nthird\n"},
	} {
		step.do()
		if got := screen(out.String()); got != step.want {
			t.Errorf("after step %d, the terminal shows\n%s\nwant\n%s", i, got, step.want)
		}
	}
}
