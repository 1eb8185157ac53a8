package httpapi

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// credentialsOf reads the Authorization header as TabPy does: two pieces with one space between them, the scheme in any case. What Basic holds is
// base64 of UTF-8 with a colon between the name and the password. GAP: a header that comes twice is not read: a proxy may
// have looked at the other one.
func parseCredentials(h http.Header) Credentials {
	values := h.Values("Authorization")
	pieces := strings.Split(strings.Join(values, ","), " ")
	c := Credentials{Scheme: pieces[0]}
	if len(pieces) != 2 || len(values) > 1 {
		return c
	}
	switch {
	case strings.EqualFold(c.Scheme, "bearer"):
		c.Token, c.WellFormed = pieces[1], pieces[1] != ""
	case strings.EqualFold(c.Scheme, "basic"):
		text, ok := decodePythonBase64(pieces[1])
		// GAP: TabPy refuses passwords that hold a colon. RFC 7617: the first one ends the name.
		name, password, found := strings.Cut(text, ":")
		if ok && found && utf8.ValidString(text) {
			c.Name, c.Password, c.WellFormed = name, password, true
		}
	}
	return c
}

// lenientBase64 decodes as Python's b64decode does: characters outside of the alphabet are skipped, padding must be there, and ends the text.
func decodePythonBase64(s string) (string, bool) {
	out := make([]byte, 0, len(s)/4*3+2)
	var bits uint
	digits, pads := 0, 0 // of the quantum of four at hand
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
