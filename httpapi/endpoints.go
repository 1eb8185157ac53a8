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

// endpointBody describes an endpoint, with TabPy's members in TabPy's order.
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

// listEndpoints handles GET /endpoints.
func (a *API) listEndpoints(*request) (response, error) {
	all := map[string]endpointBody{}
	for _, e := range a.models.List() {
		all[e.Name] = newEndpointBody(e)
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(all)}, nil
}

// getEndpoint handles GET /endpoints/NAME.
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

// endpointResponse returns the response to a change of e.
func endpointResponse(status int, e registry.Endpoint) response {
	return response{status, jsonUTF8, escapeClosingTags(pyjson.Marshal(map[string]endpointBody{e.Name: newEndpointBody(e)}))}
}

// uploadDestination handles GET /configurations/endpoint_upload_destination.
//
// GAP: without a staging folder, TabPy's client gets a path that does not exist; files that it
// writes there are never read.
func (a *API) uploadDestination(*request) (response, error) {
	path := a.cfg.Staging
	if path == "" {
		path = a.cfg.StatePath + "/staging"
	}
	return response{http.StatusOK, jsonUTF8, escapeClosingTags(pyjson.Marshal(destinationBody{path}))}, nil
}

// pathAfter returns the escaped path without the given beginning. ok is false if the path does not
// begin with it.
func (a *API) pathAfter(req *request, prefix string) (rest string, ok bool) {
	return strings.CutPrefix(req.Request().URL.EscapedPath(), a.prefix+prefix)
}

// lastSegment returns the rest of the path, decoded once. It must be a single segment: the router
// lets a last parameter span slashes, but TabPy's routes do not.
func (a *API) lastSegment(req *request, prefix string) (string, error) {
	return a.segmentBetween(req, prefix, "")
}

// segmentBetween returns the single segment between a prefix and a suffix of the path, decoded
// once.
func (a *API) segmentBetween(req *request, prefix, suffix string) (string, error) {
	raw, ok := a.pathAfter(req, prefix)
	raw, hasSuffix := strings.CutSuffix(raw, suffix)
	if !ok || !hasSuffix || raw == "" || strings.Contains(raw, "/") {
		return "", echo.ErrNotFound
	}
	return unescape(raw), nil
}

// unescape decodes percent-encoded text. It returns s unchanged if s is not encoded properly.
func unescape(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
