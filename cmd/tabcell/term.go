// Package term has helpers for text that is printed to terminals and logs.
//
// Text from scripts, models, certificates and clients can contain control characters that move the
// cursor or imitate other lines. The functions of this package remove or escape them.
package main

import (
	"os"
	"strconv"
	"strings"
	"unicode"
)

// oneLine returns text with its line breaks and other hidden characters escaped.
func oneLine(text string) string {
	if !strings.ContainsFunc(text, hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// hidden reports whether r is a character that is not shown as itself.
func hidden(r rune) bool { return !unicode.IsPrint(r) }

// isTerminal reports whether f is a character device, which a terminal is.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// visible returns r, or -1 if r is hidden. It is for strings.Map.
func visible(r rune) rune {
	if hidden(r) {
		return -1
	}
	return r
}

// summary returns the first line of text, for a table, without hidden characters.
func summary(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return strings.Map(visible, text)
}
