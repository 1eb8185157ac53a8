package authn

import (
	"bytes"
	"errors"
	"strings"
)

// textOf returns the text of a file, without a byte order mark.
//
// GAP: TabPy takes a byte order mark in a password file as part of the first name.
func textOf(raw []byte) string { return string(bytes.TrimPrefix(raw, []byte("\ufeff"))) }

// splitLines splits a text at \n, \r\n and \r, as Python's text files do.
func splitLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines
}

// parseLines calls parse with each line and its number, which begins with 1. The error joins a
// *LineError for each error of parse, at most maxLineErrors.
func parseLines(lines []string, parse func(line string, number int) error) error {
	var bad []error
	for i, line := range lines {
		if err := parse(line, i+1); err != nil {
			bad = append(bad, &LineError{i + 1, err})
		}
		if len(bad) == maxLineErrors {
			break
		}
	}
	return errors.Join(bad...)
}
