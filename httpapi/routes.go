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
	open     permission = iota // anybody, also without credentials
	read                       // see the server's state and what is deployed
	query                      // call deployed endpoints
	evaluate                   // run scripts of one's own
	deploy                     // change what is deployed
)

// What else a route's line says.
const (
	cors    = 1 << iota // the answers carry the CORS headers
	limited             // a body over the size limit is refused before it is read
	bare                // not under the subdirectory's prefix
)

type handler func(x *exchange) (answer, error)

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
		{"GET", "/info", read, cors, a.info},
		{"OPTIONS", "/info", open, cors, options},
		{"GET", "/status", read, cors, a.status},
		{"OPTIONS", "/status", open, cors, options},
		{"POST", "/evaluate", evaluate, a.evaluateFlags(), a.evaluate},
		{"OPTIONS", "/evaluate", open, cors, options},
		{"GET", "/endpoints", read, cors, a.listEndpoints},
		{"POST", "/endpoints", deploy, limited, a.addEndpoint},
		{"OPTIONS", "/endpoints", open, cors, options},
		{"GET", "/endpoints/", read, cors, a.listEndpoints},
		{"PUT", "/endpoints/", deploy, limited, a.updateEndpoint},
		{"DELETE", "/endpoints/", deploy, 0, a.removeEndpoint},
		{"OPTIONS", "/endpoints/", open, 0, defect},
		{"GET", "/endpoints/:name", read, cors, a.oneEndpoint},
		{"PUT", "/endpoints/:name", deploy, limited, a.updateEndpoint},
		{"DELETE", "/endpoints/:name", deploy, 0, a.removeEndpoint},
		{"OPTIONS", "/endpoints/:name", open, 0, defect},
		{"GET", "/endpoints/:name/usage", read, 0, a.usage},
		{"OPTIONS", "/endpoints/:name/usage", open, 0, notAllowed},
		{"GET", "/endpoints/:name/usage.json", read, 0, a.usage},
		{"OPTIONS", "/endpoints/:name/usage.json", open, 0, notAllowed},
		{"POST", "/endpoints/:name/source", deploy, limited, a.uploadSource},
		{"PUT", "/endpoints/:name/source", deploy, limited, a.uploadSource},
		{"OPTIONS", "/endpoints/:name/source", open, 0, notAllowed},
		{"POST", "/endpoints/:name/archive", deploy, limited, a.uploadArchive},
		{"PUT", "/endpoints/:name/archive", deploy, limited, a.uploadArchive},
		{"OPTIONS", "/endpoints/:name/archive", open, 0, notAllowed},
		{"POST", "/endpoints/:name/rollback", deploy, limited, a.rollbackEndpoint},
		{"OPTIONS", "/endpoints/:name/rollback", open, 0, notAllowed},
		{"GET", "/query/:name", query, cors | limited, a.query},
		{"POST", "/query/:name", query, cors | limited, a.query},
		{"OPTIONS", "/query/:name", read, cors, options},
		{"GET", "/configurations/endpoint_upload_destination", deploy, 0, a.uploadDestination},
		{"OPTIONS", "/configurations/endpoint_upload_destination", open, cors, options},
		{"GET", "/", open, 0, a.landing},
		{"HEAD", "/", open, 0, a.landing},
		{"OPTIONS", "/", open, 0, notAllowed},
		{"GET", "/index.html", open, 0, a.landing},
		{"HEAD", "/index.html", open, 0, a.landing},
		{"OPTIONS", "/index.html", open, 0, notAllowed},
		{"GET", "/health/live", open, bare, a.live},
		{"OPTIONS", "/health/live", open, bare, notAllowed},
		{"GET", "/health/ready", open, bare, a.ready},
		{"OPTIONS", "/health/ready", open, bare, notAllowed},
	}...)
}

// register hands the table to the router.
func (a *API) register() {
	for _, r := range a.routes() {
		path := r.path
		if r.flags&bare == 0 {
			path = a.prefix + path
		}
		a.echo.Add(r.method, path, func(c echo.Context) error { return a.serve(c.(*exchange), r) })
	}
}

// serve takes an exchange through its route's line.
func (a *API) serve(x *exchange, r route) error {
	x.route = r.path
	if fixed, named := strings.CutSuffix(r.path, ":name"); named {
		if _, err := a.name(x, fixed); err != nil {
			return err // a path that TabPy's routes do not match: nobody is asked who he is
		}
	}
	err := a.permit(x, r.permission)
	x.logContext()
	if err != nil {
		return err
	}
	if r.flags&limited != 0 && x.Request().ContentLength > a.cfg.MaxRequestBytes {
		return &tooLarge{size: x.Request().ContentLength, limit: a.cfg.MaxRequestBytes}
	}
	if r.flags&cors != 0 {
		a.allowOrigins(x.Response().Header())
	}
	ans, err := r.handle(x)
	if err != nil {
		return err
	}
	return x.write(ans)
}

// options answers a preflight request.
func options(*exchange) (answer, error) {
	return answer{http.StatusOK, jsonUTF8, pyjson.Marshal(nothing{})}, nil
}

// notAllowed answers as the router does for methods that no line names.
func notAllowed(*exchange) (answer, error) { return answer{}, echo.ErrMethodNotAllowed }

// defect answers OPTIONS of one endpoint as TabPy does, whose handler for it fails.
func defect(*exchange) (answer, error) { return answer{}, errDefect }
