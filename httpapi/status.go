package httpapi

import "net/http"

// status answers GET /status: each deployed endpoint with how its loading went. There are none.
func (a *API) status(*exchange) (answer, error) {
	return answer{http.StatusOK, jsonPlain, encode(nothing{})}, nil
}
