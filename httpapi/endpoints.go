package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// listEndpoints answers GET /endpoints: nothing is deployed.
func (a *API) listEndpoints(*exchange) (answer, error) {
	return answer{http.StatusOK, jsonPlain, encode(nothing{})}, nil
}

// oneEndpoint answers GET /endpoints/NAME.
func (a *API) oneEndpoint(x *exchange) (answer, error) {
	name, err := a.name(x, "/endpoints/")
	if err != nil {
		return answer{}, err
	}
	return answer{}, &unknownName{name: name}
}

// changeEndpoint answers what would deploy, update or remove an endpoint.
func (a *API) changeEndpoint(x *exchange) (answer, error) {
	if rest, ok := a.rest(x, "/endpoints/"); ok && strings.Contains(rest, "/") {
		return answer{}, echo.ErrNotFound
	}
	return answer{}, errNoDeploy
}

// uploadDestination answers GET /configurations/endpoint_upload_destination.
func (a *API) uploadDestination(*exchange) (answer, error) {
	return answer{http.StatusOK, jsonUTF8, encode(uploadBody{a.cfg.StatePath + "/staging"})}, nil
}

// rest is what follows a route's fixed part in the path, as it was sent.
func (a *API) rest(x *exchange, fixed string) (string, bool) {
	return strings.CutPrefix(x.Request().URL.EscapedPath(), a.prefix+fixed)
}

// name is the last segment of the path, decoded once. The router lets a last parameter span slashes; TabPy's routes do not.
func (a *API) name(x *exchange, fixed string) (string, error) {
	raw, ok := a.rest(x, fixed)
	if !ok || raw == "" || strings.Contains(raw, "/") {
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
