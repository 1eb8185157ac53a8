package httpapi

import "bytes"

// The types in this file are TabPy's JSON objects, with their members in TabPy's order.

// errorBody is the body of a failure that is not an error page. Info is a string or an object.
type errorBody struct {
	Message string `json:"message"`
	Info    any    `json:"info"`
}

// emptyObject is the JSON object {}.
type emptyObject struct{}

type infoBody struct {
	Description   string       `json:"description"`
	CreationTime  string       `json:"creation_time"`
	StatePath     string       `json:"state_path"`
	ServerVersion string       `json:"server_version"`
	Name          string       `json:"name"`
	Versions      infoVersions `json:"versions"`
}

type infoVersions struct {
	V1 infoVersion `json:"v1"`
}

type infoVersion struct {
	Features infoFeatures `json:"features"`
}

type infoFeatures struct {
	Authentication  *infoAuthentication `json:"authentication,omitempty"`
	EvaluateEnabled bool                `json:"evaluate_enabled"`
	GzipEnabled     bool                `json:"gzip_enabled"`
	ArrowEnabled    bool                `json:"arrow_enabled"`
}

type infoAuthentication struct {
	Required bool        `json:"required"`
	Methods  infoMethods `json:"methods"`
}

type infoMethods struct {
	Basic *emptyObject `json:"basic-auth,omitempty"`
	OAuth *infoOAuth   `json:"oauth-jwt,omitempty"`
	// GAP: TabPy has no client certificates.
	ClientCertificate *emptyObject `json:"client-certificate,omitempty"`
}

type infoOAuth struct {
	RequiredScopes []string `json:"required_scopes"`
	EndpointScopes []string `json:"endpoint_scopes"`
	Enforced       bool     `json:"endpoint_scopes_enforced"`
}

type destinationBody struct {
	Path string `json:"path"`
}

type healthBody struct {
	Status string `json:"status"`
}

// queryFailedBody is the info of a query whose model failed.
type queryFailedBody struct {
	URI   string `json:"uri"`
	Error string `json:"error"`
	Type  string `json:"type"`
}

var closingTag = []byte("</")

// escapeClosingTags escapes "</" in JSON, as TabPy's HTTP library does when it writes an object, so
// that the text contains no HTML end tags.
func escapeClosingTags(text []byte) []byte {
	if !bytes.Contains(text, closingTag) {
		return text // avoids a copy
	}
	return appendEscaped(nil, text)
}

// appendEscaped appends JSON to text, with "</" escaped.
func appendEscaped(text, json []byte) []byte {
	for {
		before, after, found := bytes.Cut(json, closingTag)
		text = append(text, before...)
		if !found {
			return text
		}
		text = append(text, `<\/`...)
		json = after
	}
}
