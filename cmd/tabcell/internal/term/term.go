// Package term makes text safe to print to terminals and logs.
//
// Text from scripts, models, certificates and clients can contain control characters that move the
// cursor or imitate other lines. The functions of this package remove or escape them.
package term

import (
	"os"
	"strconv"
	"strings"
	"unicode"
)

// OneLine returns text with its line breaks and other hidden characters escaped.
func OneLine(text string) string {
	if !strings.ContainsFunc(text, Hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !Hidden(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// Hidden reports whether r is a character without a visible form, such as a control character.
func Hidden(r rune) bool { return !unicode.IsPrint(r) }

// IsTerminal reports whether f is a terminal. Any other character device also counts as one.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Visible returns r, or -1 if r is hidden, so that strings.Map drops it.
func Visible(r rune) rune {
	if Hidden(r) {
		return -1
	}
	return r
}

// FirstLine returns the first line of text, without hidden characters, for a cell of a table.
func FirstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return strings.Map(Visible, text)
}
