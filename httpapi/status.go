package httpapi

import "tabcell/runtime/registry"

// statusBody is the loading state of an endpoint.
type statusBody struct {
	Version   int     `json:"version"`
	Type      string  `json:"type"`
	Status    string  `json:"status"`
	LastError *string `json:"last_error"`
}

// status handles GET /status. It returns the loading state of all endpoints.
func (a *API) status(req *request) (response, error) {
	return response{}, req.writeContent(jsonPlain, a.statusList())
}

// statusList returns the present state of all endpoints.
func (a *API) statusList() content {
	all := a.models.List()
	states := make([]statusBody, len(all))
	for i, e := range all {
		states[i] = a.statusOf(e)
	}
	return writeObject(len(all), func(i int) (string, any) { return all[i].Name, states[i] })
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
