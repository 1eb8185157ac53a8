package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// live answers GET /health/live: the process takes requests. GAP: TabPy has no health checks; these are the same under any prefix.
func (a *API) live(*exchange) (answer, error) {
	return answer{http.StatusOK, jsonPlain, pyjson.Marshal(healthBody{"live"})}, nil
}

// ready answers GET /health/ready: 200 when scripts can be run, else 503 with the reason.
func (a *API) ready(*exchange) (answer, error) {
	if a.deps.Readiness != nil {
		if err := a.deps.Readiness.Ready(); err != nil {
			return answer{http.StatusServiceUnavailable, jsonPlain, pyjson.Marshal(errorBody{"not ready", clip(err.Error())})}, nil
		}
	}
	return answer{http.StatusOK, jsonPlain, pyjson.Marshal(healthBody{"ready"})}, nil
}
