package httpapi

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tabcell/httpapi/internal/pyjson"
)

// Flags of a route.
const (
	withCORS  = 1 << iota // responses carry the CORS headers
	limitBody             // a body that announces more than MaxRequestBytes is refused unread
	noPrefix              // the path has no subdirectory prefix
)

type handler func(req *request) (response, error)

type route struct {
	method, path string
	permission   permission
	flags        int
	handle       handler
}

// routes returns the route table.
//
// To add a route:
//
//  1. Add its line below, and a line for OPTIONS on the same path: optionsOK if browsers on other
//     sites may use the route, otherwise methodNotAllowed. Without that line, the router would
//     answer OPTIONS itself.
//  2. Write the handler in the file of its resource. It returns a response or an error. Read the
//     body with readBody only.
//  3. For each new error, add a rule to errorRules in errors.go.
//  4. Put the JSON body that the route returns next to the handler, or into wire.go if it is one of
//     TabPy's.
//  5. Add the route to TestRoutes in routes_test.go, and to TestRoutePermissions in
//     authorization_test.go if it needs a permission. If TabPy has the route, record TabPy's
//     responses in tck/testdata; if not, add a line to COMPAT.md.
//
// The metrics and the access log use the path in the table as the label "route"; nothing needs to
// be added there, unless the route runs a cell: then add it to cellRoutes in metrics.go.
func (a *API) routes() []route {
	return append(a.metricsRoutes(), []route{
		{"GET", "/info", permRead, withCORS, a.info},
		{"OPTIONS", "/info", permNone, withCORS, optionsOK},
		{"GET", "/status", permRead, withCORS, a.status},
		{"OPTIONS", "/status", permNone, withCORS, optionsOK},
		{"GET", "/status/server", permAdmin, 0, a.serverStatus},
		{"OPTIONS", "/status/server", permNone, 0, methodNotAllowed},
		{"POST", "/evaluate", permEvaluate, a.evaluateFlags(), a.evaluate},
		{"OPTIONS", "/evaluate", permNone, withCORS, optionsOK},
		{"GET", "/endpoints", permRead, withCORS, a.listEndpoints},
		{"POST", "/endpoints", permDeploy, limitBody, a.addEndpoint},
		{"OPTIONS", "/endpoints", permNone, withCORS, optionsOK},
		{"GET", "/endpoints/", permRead, withCORS, a.listEndpoints},
		{"PUT", "/endpoints/", permDeploy, limitBody, a.updateEndpoint},
		{"DELETE", "/endpoints/", permDeploy, 0, a.removeEndpoint},
		{"OPTIONS", "/endpoints/", permNone, 0, optionsFails},
		{"GET", "/endpoints/:name", permRead, withCORS, a.getEndpoint},
		{"PUT", "/endpoints/:name", permDeploy, limitBody, a.updateEndpoint},
		{"DELETE", "/endpoints/:name", permDeploy, 0, a.removeEndpoint},
		{"OPTIONS", "/endpoints/:name", permNone, 0, optionsFails},
		{"GET", "/endpoints/:name/usage", permRead, 0, a.usage},
		{"OPTIONS", "/endpoints/:name/usage", permNone, 0, methodNotAllowed},
		{"GET", "/endpoints/:name/usage.json", permRead, 0, a.usage},
		{"OPTIONS", "/endpoints/:name/usage.json", permNone, 0, methodNotAllowed},
		{"POST", "/endpoints/:name/source", permDeploy, limitBody, a.uploadSource},
		{"PUT", "/endpoints/:name/source", permDeploy, limitBody, a.uploadSource},
		{"OPTIONS", "/endpoints/:name/source", permNone, 0, methodNotAllowed},
		{"POST", "/endpoints/:name/archive", permDeploy, limitBody, a.uploadArchive},
		{"PUT", "/endpoints/:name/archive", permDeploy, limitBody, a.uploadArchive},
		{"OPTIONS", "/endpoints/:name/archive", permNone, 0, methodNotAllowed},
		{"POST", "/endpoints/:name/rollback", permDeploy, limitBody, a.rollbackEndpoint},
		{"OPTIONS", "/endpoints/:name/rollback", permNone, 0, methodNotAllowed},
		{"GET", "/endpoints/:name/export", permAdmin, 0, a.exportEndpoint},
		{"OPTIONS", "/endpoints/:name/export", permNone, 0, methodNotAllowed},
		{"POST", "/endpoints/:name/import", permDeploy, 0, a.importEndpoint},
		{"OPTIONS", "/endpoints/:name/import", permNone, 0, methodNotAllowed},
		{"GET", "/query/:name", permQuery, withCORS | limitBody, a.query},
		{"POST", "/query/:name", permQuery, withCORS | limitBody, a.query},
		{"OPTIONS", "/query/:name", permRead, withCORS, optionsOK},
		{"GET", "/configurations/endpoint_upload_destination", permDeploy, 0, a.uploadDestination},
		{"OPTIONS", "/configurations/endpoint_upload_destination", permNone, withCORS, optionsOK},
		{"GET", "/", permNone, 0, a.landingPage},
		{"HEAD", "/", permNone, 0, a.landingPage},
		{"OPTIONS", "/", permNone, 0, methodNotAllowed},
		{"GET", "/index.html", permNone, 0, a.landingPage},
		{"HEAD", "/index.html", permNone, 0, a.landingPage},
		{"OPTIONS", "/index.html", permNone, 0, methodNotAllowed},
		{"GET", "/health/live", permNone, noPrefix, a.live},
		{"OPTIONS", "/health/live", permNone, noPrefix, methodNotAllowed},
		{"GET", "/health/ready", permNone, noPrefix, a.ready},
		{"OPTIONS", "/health/ready", permNone, noPrefix, methodNotAllowed},
	}...)
}

// registerRoutes adds the routes to the router.
func (a *API) registerRoutes() {
	for _, r := range a.routes() {
		path := r.path
		if r.flags&noPrefix == 0 {
			path = a.prefix + path
		}
		a.echo.Add(r.method, path, func(c echo.Context) error { return a.serve(c.(*request), r) })
	}
}

// serve checks a request against its route, runs the handler, and sends the response.
func (a *API) serve(req *request, r route) error {
	req.route = r.path
	if prefix, ok := strings.CutSuffix(r.path, ":name"); ok {
		if _, err := a.lastSegment(req, prefix); err != nil {
			return err // TabPy has no route for this path, so no credentials are needed
		}
	}
	err := a.authorize(req, r.permission)
	req.logContext()
	if err != nil {
		return err
	}
	if r.flags&limitBody != 0 && req.Request().ContentLength > a.cfg.MaxRequestBytes {
		return &bodyTooLargeError{size: req.Request().ContentLength, limit: a.cfg.MaxRequestBytes}
	}
	if r.flags&withCORS != 0 {
		a.setCORSHeaders(req.Response().Header())
	}
	resp, err := r.handle(req)
	if err != nil || resp.status == 0 {
		return err
	}
	if err := req.holdResponse(resp.body); err != nil {
		return &lostResponseError{err}
	}
	return req.write(resp)
}

// optionsOK answers a CORS preflight request.
func optionsOK(*request) (response, error) {
	return response{http.StatusOK, jsonUTF8, pyjson.Marshal(emptyObject{})}, nil
}

// methodNotAllowed answers as the router does for a method that the table does not list.
func methodNotAllowed(*request) (response, error) { return response{}, echo.ErrMethodNotAllowed }

// optionsFails answers OPTIONS for a single endpoint with 500, because TabPy's handler fails there.
func optionsFails(*request) (response, error) { return response{}, errOptionsFails }
