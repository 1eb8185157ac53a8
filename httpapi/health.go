package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// live handles GET /health/live. It always returns 200, which shows that the process accepts
// requests.
//
// GAP: TabPy has no health checks. Their paths do not depend on the subdirectory.
func (a *API) live(*request) (response, error) {
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(healthBody{"live"})}, nil
}

// ready handles GET /health/ready. It returns 200 if scripts can be run, otherwise 503 with the
// reason.
func (a *API) ready(*request) (response, error) {
	if a.deps.Readiness != nil {
		if err := a.deps.Readiness.Ready(); err != nil {
			return response{http.StatusServiceUnavailable, jsonPlain, pyjson.Marshal(errorBody{"not ready", truncate(err.Error())})}, nil
		}
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(healthBody{"ready"})}, nil
}
