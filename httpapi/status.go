package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// statusBody is the loading state of an endpoint.
type statusBody struct {
	Version   int     `json:"version"`
	Type      string  `json:"type"`
	Status    string  `json:"status"`
	LastError *string `json:"last_error"`
}

// status handles GET /status. It returns the loading state of all endpoints.
func (a *API) status(*request) (response, error) {
	all := map[string]statusBody{}
	for _, e := range a.models.List() {
		all[e.Name] = a.statusOf(e)
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(all)}, nil
}

func (a *API) statusOf(e registry.Endpoint) statusBody {
	if e.Type == registry.TypeAlias {
		return statusBody{e.Version, e.Type, loadSuccessful, nil}
	}
	rec := a.models.snapshot(e)
	b := statusBody{Version: e.Version, Type: e.Type, Status: rec.state()}
	if rec.lastError != "" {
		b.LastError = &rec.lastError
	}
	return b
}
