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

func newEndpointBody(e registry.Endpoint) endpointBody {
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
func (a *API) listEndpoints(*request) (response, error) {
	all := map[string]endpointBody{}
	for _, e := range a.models.List() {
		all[e.Name] = newEndpointBody(e)
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(all)}, nil
}

// oneEndpoint answers GET /endpoints/NAME.
func (a *API) getEndpoint(req *request) (response, error) {
	name, err := a.lastSegment(req, "/endpoints/")
	if err != nil {
		return response{}, err
	}
	e, ok := a.models.Get(name)
	if !ok {
		return response{}, &unknownEndpointError{name: name}
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(newEndpointBody(e))}, nil
}

// changed is the answer to a change.
func endpointResponse(status int, e registry.Endpoint) response {
	return response{status, jsonUTF8, escapeClosingTags(pyjson.Marshal(map[string]endpointBody{e.Name: newEndpointBody(e)}))}
}

// uploadDestination answers GET /configurations/endpoint_upload_destination. GAP: without a staging folder TabPy's client is told a path that
// it cannot have; what it writes there is never read.
func (a *API) uploadDestination(*request) (response, error) {
	path := a.cfg.Staging
	if path == "" {
		path = a.cfg.StatePath + "/staging"
	}
	return response{http.StatusOK, jsonUTF8, escapeClosingTags(pyjson.Marshal(destinationBody{path}))}, nil
}

// rest is what follows a route's fixed part in the path, as it was sent.
func (a *API) pathAfter(req *request, fixed string) (string, bool) {
	return strings.CutPrefix(req.Request().URL.EscapedPath(), a.prefix+fixed)
}

// name is the last segment of the path, decoded once. The router lets a last parameter span slashes; TabPy's routes do not.
func (a *API) lastSegment(req *request, fixed string) (string, error) {
	return a.segmentBetween(req, fixed, "")
}

// nameBefore is the segment between a route's fixed part and its end.
func (a *API) segmentBetween(req *request, fixed, end string) (string, error) {
	raw, ok := a.pathAfter(req, fixed)
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
