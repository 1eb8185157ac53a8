// Package python reads and prints numbers and strings as Python does.
package python

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	integer = regexp.MustCompile(`^[+-]?[0-9]+(_[0-9]+)*$`)
	float   = regexp.MustCompile(`^[+-]?([0-9]+(_[0-9]+)*\.?([0-9]+(_[0-9]+)*)?|\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+(_[0-9]+)*)?$`)
)

// IsInteger reports whether int(text) succeeds for a text of ASCII characters without white space around it.
func IsInteger(text string) bool { return integer.MatchString(text) }

// IsFloat reports whether float(text) gives a finite number or overflows, for a text of ASCII
// characters without white space around it. It reports false for inf and nan.
func IsFloat(text string) bool { return float.MatchString(text) }

// FormatFloat returns str(f) for a finite f below 1e16.
func FormatFloat(f float64) string {
	if f != 0 && math.Abs(f) < 1e-4 {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// Quote returns repr(s) for a string of printable characters without backslashes.
func Quote(s string) string {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `\'`) + "'"
}
