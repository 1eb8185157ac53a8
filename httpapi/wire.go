package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// The shapes of TabPy's JSON, key for key and in its order.

// errorBody is each error that is not a page. Info is a text, an object, or nothing.
type errorBody struct {
	Message string `json:"message"`
	Info    any    `json:"info"`
}

// nothing is JSON's {}.
type nothing struct{}

type infoBody struct {
	Description   string   `json:"description"`
	CreationTime  string   `json:"creation_time"`
	StatePath     string   `json:"state_path"`
	ServerVersion string   `json:"server_version"`
	Name          string   `json:"name"`
	Versions      versions `json:"versions"`
}

type versions struct {
	V1 version `json:"v1"`
}

type version struct {
	Features features `json:"features"`
}

type features struct {
	Authentication  *authentication `json:"authentication,omitempty"`
	EvaluateEnabled bool            `json:"evaluate_enabled"`
	GzipEnabled     bool            `json:"gzip_enabled"`
	ArrowEnabled    bool            `json:"arrow_enabled"`
}

type authentication struct {
	Required bool    `json:"required"`
	Methods  methods `json:"methods"`
}

type methods struct {
	Basic *nothing `json:"basic-auth,omitempty"`
	OAuth *oauth   `json:"oauth-jwt,omitempty"`
}

type oauth struct {
	RequiredScopes []string `json:"required_scopes"`
	EndpointScopes []string `json:"endpoint_scopes"`
	Enforced       bool     `json:"endpoint_scopes_enforced"`
}

type uploadBody struct {
	Path string `json:"path"`
}

type healthBody struct {
	Status string `json:"status"`
}

// failedBody is the info of a query whose model failed.
type failedBody struct {
	URI   string `json:"uri"`
	Error string `json:"error"`
	Type  string `json:"type"`
}

// slashed is JSON as TabPy's HTTP library writes objects: no end tag of HTML can be in it.
func slashed(text []byte) []byte {
	if !bytes.Contains(text, []byte("</")) {
		return text // and not a copy
	}
	return bytes.ReplaceAll(text, []byte("</"), []byte(`<\/`))
}

// encode is json.dumps(v) of Python: separators ", " and ": ", everything but printable ASCII escaped.
func encode(v any) []byte {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("httpapi: %T has no JSON form: %v", v, err)) // only the shapes above come here
	}
	return pythonic(bytes.TrimSuffix(compact.Bytes(), []byte("\n")))
}

// pythonic rewrites compact JSON, as encoding/json makes it, the way Python prints it.
func pythonic(compact []byte) []byte {
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
