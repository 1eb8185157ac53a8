package httpapi

import (
	"encoding/json"
	"net/http"

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
func (a *API) listEndpoints(req *request) (response, error) {
	return response{}, req.writeContent(jsonPlain, a.endpointList())
}

// endpointList returns the description of all endpoints.
func (a *API) endpointList() content {
	all := a.models.List() // a list never changes
	return writeObject(len(all), func(i int) (string, any) { return all[i].Name, newEndpointBody(all[i]) })
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
