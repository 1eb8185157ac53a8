package httpapi

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tabcell/httpapi/internal/pyjson"
)

// permission is what a client must be allowed to do. Without authentication everybody may do everything, but a client that sends
// credentials all the same is told so on every route that is not open. A bearer's token may need a scope for the last three.
type permission uint8

const (
	permNone     permission = iota // anybody, also without credentials
	permRead                       // see the server's state and what is deployed
	permQuery                      // call deployed endpoints
	permEvaluate                   // run scripts of one's own
	permDeploy                     // change what is deployed
)

// What else a route's line says.
const (
	withCORS  = 1 << iota // the answers carry the CORS headers
	limitBody             // a body over the size limit is refused before it is read
	noPrefix              // not under the subdirectory's prefix
)

type handler func(req *request) (response, error)

type route struct {
	method, path string
	permission   permission
	flags        int
	handle       handler
}

// routes is the table. To add a route, write its line here, its handler into its resource's file, and its errors into errors.go.
// A path whose OPTIONS is not listed answers 405: the router would invent an answer otherwise.
func (a *API) routes() []route {
	return append(a.metricsRoutes(), []route{
		{"GET", "/info", permRead, withCORS, a.info},
		{"OPTIONS", "/info", permNone, withCORS, options},
		{"GET", "/status", permRead, withCORS, a.status},
		{"OPTIONS", "/status", permNone, withCORS, options},
		{"POST", "/evaluate", permEvaluate, a.evaluateFlags(), a.evaluate},
		{"OPTIONS", "/evaluate", permNone, withCORS, options},
		{"GET", "/endpoints", permRead, withCORS, a.listEndpoints},
		{"POST", "/endpoints", permDeploy, limitBody, a.addEndpoint},
		{"OPTIONS", "/endpoints", permNone, withCORS, options},
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
		{"GET", "/query/:name", permQuery, withCORS | limitBody, a.query},
		{"POST", "/query/:name", permQuery, withCORS | limitBody, a.query},
		{"OPTIONS", "/query/:name", permRead, withCORS, options},
		{"GET", "/configurations/endpoint_upload_destination", permDeploy, 0, a.uploadDestination},
		{"OPTIONS", "/configurations/endpoint_upload_destination", permNone, withCORS, options},
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

// register hands the table to the router.
func (a *API) registerRoutes() {
	for _, r := range a.routes() {
		path := r.path
		if r.flags&noPrefix == 0 {
			path = a.prefix + path
		}
		a.echo.Add(r.method, path, func(c echo.Context) error { return a.serve(c.(*request), r) })
	}
}

// serve takes an exchange through its route's line.
func (a *API) serve(req *request, r route) error {
	req.route = r.path
	if fixed, named := strings.CutSuffix(r.path, ":name"); named {
		if _, err := a.lastSegment(req, fixed); err != nil {
			return err // a path that TabPy's routes do not match: nobody is asked who he is
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
	if err != nil {
		return err
	}
	return req.write(resp)
}

// options answers a preflight request.
func options(*request) (response, error) {
	return response{http.StatusOK, jsonUTF8, pyjson.Marshal(emptyObject{})}, nil
}

// notAllowed answers as the router does for methods that no line names.
func methodNotAllowed(*request) (response, error) { return response{}, echo.ErrMethodNotAllowed }

// defect answers OPTIONS of one endpoint as TabPy does, whose handler for it fails.
func optionsFails(*request) (response, error) { return response{}, errOptionsFails }
