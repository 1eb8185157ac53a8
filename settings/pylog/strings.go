package pylog

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// prefixed reports whether a string with the prefix r or u follows. The prefixes b and f are not
// supported.
func (p *parser) prefixed() bool {
	return len(p.rest) > 1 && strings.IndexByte("rRuU", p.rest[0]) >= 0 && strings.IndexByte(`'"`, p.rest[1]) >= 0
}

// strings parses one or more adjacent strings, which Python concatenates.
func (p *parser) strings() (any, error) {
	var joined strings.Builder
	for p.rest != "" && (strings.IndexByte(`'"`, p.rest[0]) >= 0 || p.prefixed()) {
		part, err := p.quotedString()
		if err != nil {
			return nil, err
		}
		joined.WriteString(part)
		p.skip()
	}
	return joined.String(), nil
}

// quotedString parses one string with its prefix and quotes.
func (p *parser) quotedString() (string, error) {
	raw := false
	if p.prefixed() {
		raw = p.rest[0]|0x20 == 'r'
		p.rest = p.rest[1:]
	}
	quote := p.rest[:1]
	if strings.HasPrefix(p.rest, strings.Repeat(quote, 3)) {
		quote = p.rest[:3]
	}
	body := p.rest[len(quote):]
	var out strings.Builder
	for {
		i := strings.IndexAny(body, `\`+quote[:1]+"\n")
		switch {
		case i < 0 || body[i] == '\n' && len(quote) == 1:
			return "", p.fail("the string that begins here does not end")
		case strings.HasPrefix(body[i:], quote):
			out.WriteString(body[:i])
			p.rest = body[i+len(quote):]
			return out.String(), nil
		case body[i] != '\\': // a quote or a line feed within triple quotes
			out.WriteString(body[:i+1])
			body = body[i+1:]
		default:
			out.WriteString(body[:i])
			text, after, ok := unescape(body[i+1:], raw)
			if !ok {
				return "", p.fail("the string that begins here has an invalid escape")
			}
			out.WriteString(text)
			body = after
		}
	}
}

// escapes has the escape sequences of one character.
var escapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// unescape returns the replacement of the escape sequence at the beginning of rest, whose backslash
// is already removed, and the text after it.
func unescape(rest string, raw bool) (text, after string, ok bool) {
	if rest == "" {
		return "", "", false
	}
	_, size := utf8.DecodeRuneInString(rest)
	if raw {
		return `\` + rest[:size], rest[size:], true
	}
	if text, ok := escapes[rest[0]]; ok {
		return text, rest[1:], true
	}
	digits, base, skip := 0, 16, 1
	switch c := rest[0]; {
	case c == 'x':
		digits = 2
	case c == 'u':
		digits = 4
	case c == 'U':
		digits = 8
	case c >= '0' && c <= '7':
		octal := min(3, len(rest)-len(strings.TrimLeft(rest, "01234567")))
		digits, base, skip = octal, 8, 0
	case c == 'N':
		return "", "", false
	default: // Python keeps unknown sequences, as in 'C:\logs'
		return `\` + rest[:size], rest[size:], true
	}
	if len(rest) < skip+digits {
		return "", "", false
	}
	code, err := strconv.ParseUint(rest[skip:skip+digits], base, 32)
	if err != nil || code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
		return "", "", false
	}
	return string(rune(code)), rest[skip+digits:], true
}
