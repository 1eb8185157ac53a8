package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// live answers GET /health/live: the process takes requests. GAP: TabPy has no health checks; these are the same under any prefix.
func (a *API) live(*request) (response, error) {
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(healthBody{"live"})}, nil
}

// ready answers GET /health/ready: 200 when scripts can be run, else 503 with the reason.
func (a *API) ready(*request) (response, error) {
	if a.deps.Readiness != nil {
		if err := a.deps.Readiness.Ready(); err != nil {
			return response{http.StatusServiceUnavailable, jsonPlain, pyjson.Marshal(errorBody{"not ready", truncate(err.Error())})}, nil
		}
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(healthBody{"ready"})}, nil
}
