// Package term has helpers for text that is printed to terminals and logs.
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

// Hidden reports whether r is a character that is not shown as itself.
func Hidden(r rune) bool { return !unicode.IsPrint(r) }

// IsTerminal reports whether f is a character device, which a terminal is.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Visible returns r, or -1 if r is hidden. It is for strings.Map.
func Visible(r rune) rune {
	if Hidden(r) {
		return -1
	}
	return r
}

// FirstLine returns the first line of text, for a table, without hidden characters.
func FirstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return strings.Map(Visible, text)
}
