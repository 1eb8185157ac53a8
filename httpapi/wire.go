package httpapi

import "bytes"

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
