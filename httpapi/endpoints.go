package httpapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// endpointBody is what TabPy says about an endpoint, in its order.
type endpointBody struct {
	Description  string          `json:"description"`
	Type         string          `json:"type"`
	Version      int             `json:"version"`
	Dependencies []string        `json:"dependencies"`
	Target       *string         `json:"target"`
	Created      int64           `json:"creation_time"`
	Modified     int64           `json:"last_modified_time"`
	Schema       json.RawMessage `json:"schema"`
	Public       bool            `json:"is_public"`
	Docstring    string          `json:"docstring"`
}

func describe(e registry.Endpoint) endpointBody {
	b := endpointBody{
		Description: e.Description, Type: e.Type, Version: e.Version, Dependencies: e.Dependencies,
		Created: e.Created, Modified: e.Modified, Schema: e.Schema, Public: e.Public, Docstring: e.Docstring,
	}
	if e.Target != "" {
		b.Target = &e.Target
	}
	if b.Dependencies == nil {
		b.Dependencies = []string{}
	}
	if b.Schema == nil {
		b.Schema = json.RawMessage("null")
	}
	return b
}

// listEndpoints answers GET /endpoints.
func (a *API) listEndpoints(*exchange) (answer, error) {
	all := map[string]endpointBody{}
	for _, e := range a.models.List() {
		all[e.Name] = describe(e)
	}
	return answer{http.StatusOK, jsonPlain, pyjson.Marshal(all)}, nil
}

// oneEndpoint answers GET /endpoints/NAME.
func (a *API) oneEndpoint(x *exchange) (answer, error) {
	name, err := a.name(x, "/endpoints/")
	if err != nil {
		return answer{}, err
	}
	e, ok := a.models.Get(name)
	if !ok {
		return answer{}, &unknownName{name: name}
	}
	return answer{http.StatusOK, jsonPlain, pyjson.Marshal(describe(e))}, nil
}

// changed is the answer to a change.
func changed(status int, e registry.Endpoint) answer {
	return answer{status, jsonUTF8, slashed(pyjson.Marshal(map[string]endpointBody{e.Name: describe(e)}))}
}

// uploadDestination answers GET /configurations/endpoint_upload_destination. GAP: without a staging folder TabPy's client is told a path that
// it cannot have; what it writes there is never read.
func (a *API) uploadDestination(*exchange) (answer, error) {
	path := a.cfg.Staging
	if path == "" {
		path = a.cfg.StatePath + "/staging"
	}
	return answer{http.StatusOK, jsonUTF8, slashed(pyjson.Marshal(uploadBody{path}))}, nil
}

// rest is what follows a route's fixed part in the path, as it was sent.
func (a *API) rest(x *exchange, fixed string) (string, bool) {
	return strings.CutPrefix(x.Request().URL.EscapedPath(), a.prefix+fixed)
}

// name is the last segment of the path, decoded once. The router lets a last parameter span slashes; TabPy's routes do not.
func (a *API) name(x *exchange, fixed string) (string, error) {
	return a.nameBefore(x, fixed, "")
}

// nameBefore is the segment between a route's fixed part and its end.
func (a *API) nameBefore(x *exchange, fixed, end string) (string, error) {
	raw, ok := a.rest(x, fixed)
	raw, ends := strings.CutSuffix(raw, end)
	if !ok || !ends || raw == "" || strings.Contains(raw, "/") {
		return "", echo.ErrNotFound
	}
	return unescape(raw), nil
}

// unescape decodes percent signs; text that is not escaped properly stays as it is.
func unescape(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
