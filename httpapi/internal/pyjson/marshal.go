package pyjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// Marshal returns v as json.dumps writes it: with the separators ", " and ": ", and with every
// character escaped that is not printable ASCII. It panics if v cannot be represented in JSON, so v
// must be one of the caller's own types.
func Marshal(v any) []byte {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("pyjson: cannot marshal %T: %v", v, err))
	}
	return pythonFormat(bytes.TrimSuffix(compact.Bytes(), []byte("\n")))
}

// pythonFormat rewrites the compact JSON of encoding/json with Python's separators and escapes.
func pythonFormat(compact []byte) []byte {
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
