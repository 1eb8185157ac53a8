package pyjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// encode is json.dumps(v) of Python: separators ", " and ": ", everything but printable ASCII escaped.
func Marshal(v any) []byte {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("httpapi: %T has no JSON form: %v", v, err)) // only the shapes above come here
	}
	return respace(bytes.TrimSuffix(compact.Bytes(), []byte("\n")))
}

// pythonic rewrites compact JSON, as encoding/json makes it, the way Python prints it.
func respace(compact []byte) []byte {
	out := make([]byte, 0, len(compact)+len(compact)/8+16)
	quoted := false
	for i := 0; i < len(compact); i++ {
		c := compact[i]
		switch {
		case c == '\\':
			out = append(out, c, compact[i+1])
			i++
		case quoted && c >= 0x7f:
			r, size := utf8.DecodeRune(compact[i:])
			out = appendEscape(out, r)
			i += size - 1
		case !quoted && (c == ',' || c == ':'):
			out = append(out, c, ' ')
		default:
			quoted = quoted != (c == '"')
			out = append(out, c)
		}
	}
	return out
}

func appendEscape(out []byte, r rune) []byte {
	if r <= 0xffff {
		return fmt.Appendf(out, `\u%04x`, r)
	}
	high, low := utf16.EncodeRune(r)
	return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
}
