package httpapi

import "net/http"

// live answers GET /health/live: the process takes requests. GAP: TabPy has no health checks; these are the same under any prefix.
func (a *API) live(*exchange) (answer, error) {
	return answer{http.StatusOK, jsonPlain, encode(healthBody{"live"})}, nil
}

// ready answers GET /health/ready: 200 when scripts can be run, else 503 with the reason.
func (a *API) ready(*exchange) (answer, error) {
	if a.deps.Readiness != nil {
		if err := a.deps.Readiness.Ready(); err != nil {
			return answer{http.StatusServiceUnavailable, jsonPlain, encode(errorBody{"not ready", clip(err.Error())})}, nil
		}
	}
	return answer{http.StatusOK, jsonPlain, encode(healthBody{"ready"})}, nil
}
