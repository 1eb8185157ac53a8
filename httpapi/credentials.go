package httpapi

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// parseCredentials parses the Authorization header as TabPy does: two words, separated by one
// space; the scheme in any case; after Basic, the base64 encoding of UTF-8 text with a colon
// between name and password.
//
// GAP: a repeated header is not parsed, since a proxy may have evaluated the other one.
func parseCredentials(h http.Header) Credentials {
	values := h.Values("Authorization")
	fields := strings.Split(strings.Join(values, ","), " ")
	c := Credentials{Scheme: fields[0]}
	if len(fields) != 2 || len(values) > 1 {
		return c
	}
	switch {
	case strings.EqualFold(c.Scheme, "bearer"):
		c.Token, c.WellFormed = fields[1], fields[1] != ""
	case strings.EqualFold(c.Scheme, "basic"):
		text, ok := decodePythonBase64(fields[1])
		// GAP: TabPy refuses passwords that contain a colon. The first colon ends the name (RFC
		// 7617).
		name, password, found := strings.Cut(text, ":")
		if ok && found && utf8.ValidString(text) {
			c.Name, c.Password, c.WellFormed = name, password, true
		}
	}
	return c
}

// decodePythonBase64 decodes s as Python's b64decode does: it skips characters outside the
// alphabet, requires padding, and stops after it.
func decodePythonBase64(s string) (string, bool) {
	out := make([]byte, 0, len(s)/4*3+2)
	var bits uint
	digits, pads := 0, 0 // in the current group of four
	for i := range len(s) {
		if s[i] == '=' {
			if pads++; digits >= 2 && digits+pads >= 4 {
				return string(out), true
			}
			continue
		}
		value, ok := base64Digit(s[i])
		if !ok {
			continue
		}
		pads = 0
		bits = bits<<6 | value
		if digits++; digits > 1 {
			out = append(out, byte(bits>>(2*(4-digits))))
		}
		digits %= 4
	}
	return string(out), digits == 0
}

func base64Digit(c byte) (uint, bool) {
	switch {
	case c >= 'A' && c <= 'Z':
		return uint(c - 'A'), true
	case c >= 'a' && c <= 'z':
		return uint(c-'a') + 26, true
	case c >= '0' && c <= '9':
		return uint(c-'0') + 52, true
	case c == '+':
		return 62, true
	case c == '/':
		return 63, true
	}
	return 0, false
}
