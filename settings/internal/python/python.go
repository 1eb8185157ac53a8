// Package python parses and prints numbers and strings as Python does, for the packages settings
// and pylog.
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

// IsInteger reports whether int() accepts text. It reports false for white space around the number
// and for digits outside ASCII, which int() accepts too.
func IsInteger(text string) bool { return integer.MatchString(text) }

// IsFloat reports whether float() accepts text. It reports false for white space around the number,
// for digits outside ASCII, and for inf and nan, which float() accepts too.
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
