// Package httpapi implements the HTTP interface of TabPy 2.16. Tableau, TabPy's Python client and
// other HTTP clients use it. Responses are equal to TabPy's, byte for byte, except for the
// differences that COMPAT.md lists and that comments mark with GAP.
//
// The package does not run scripts, store models or check passwords. It calls the small interfaces
// in deps.go for that. It does not trust anything that a client sends.
//
// # Vocabulary
//
//   - request: one HTTP request in progress, with the facts that its log line needs.
//   - route: a line of the table in routes.go: method, path, permission, flags, handler.
//   - response: the status, content type and body that a handler returns.
//   - failure: the status, message and info that an error becomes. The table in errors.go maps
//     errors to failures.
//   - error page: the HTML page with which TabPy's HTTP library reports errors of its own (403,
//     404, 405, 500). All other failures are JSON objects.
//   - head: the request line and the headers. Two readers must agree on where the body ends; see
//     internal/listener.
//   - client address: the address that a request came from, behind any trusted proxies; see
//     clientaddr.go.
//   - public URL: the URL of the server as its clients see it, behind any trusted proxies; see
//     forwarded.go.
//   - budget: the number of bytes that all request bodies and responses may occupy together. See
//     budget.go for the shares of the owners.
//   - owner: the account or the address that a request counts for; see owner.go.
//   - pace: the progress that a client must make while it sends a body or reads a response.
//   - catalog: the deployed models, with the state of their loading.
//
// # The path of a request
//
// A request passes through these steps, in this order:
//
//  1. middleware (middleware.go) assigns the call ID and the common headers, recovers panics, turns
//     errors into responses, and writes the log line. It refuses requests for other hosts and from
//     the web pages of other origins (host.go, crossorigin.go).
//  2. serve (routes.go) checks the permission, then the size of the body, and sets the CORS headers
//     that its route asks for.
//  3. The handler, in the file of its resource, reads the body (body.go) and calls the Evaluator,
//     the Models or the Runner.
//  4. write (response.go) sends the response.
package httpapi

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"tabcell/httpapi/console"
	"tabcell/httpapi/console/faults"
	"tabcell/httpapi/console/load"
)

// API is an http.Handler for TabPy's resources. NewServer returns a server with suitable timeouts
// for it.
type API struct {
	cfg     Config
	deps    Deps
	echo    *echo.Echo
	prefix  string // path prefix of all routes but the health checks: "" or "/sub/dir"
	budget  *budget
	tables  *tables       // nil if the Flight service is off
	logins  *flightLogins // of the Flight service
	proxies trustedProxies
	origins *originCheck
	models  *catalog
	console *console.Console // nil if it is off
	load    *load.Recorder   // nil without the console
	faults  *faults.Ring     // nil without the console
	etags   etagCache
	metrics *metrics // nil if metrics are off
	pace    pace
	backups atomic.Int64 // exports and imports that are running
}

// subdirectories matches the prefixes that can be served. GAP: TabPy accepts any text, but most
// texts match no URL.
var subdirectories = regexp.MustCompile(`^[A-Za-z0-9._~/-]*$`)

// New returns a handler. It fails if cfg is invalid.
func New(cfg Config, deps Deps) (*API, error) {
	cfg = cfg.WithDefaults()
	sub := strings.Trim(cfg.Subdirectory, "/")
	if !subdirectories.MatchString(sub) {
		return nil, fmt.Errorf("subdirectory %q has invalid characters: use letters, digits, and - . _ ~ /", cfg.Subdirectory)
	}
	trusted, err := parseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	a := &API{
		cfg:     cfg,
		deps:    deps,
		echo:    echo.New(),
		budget:  newBudget(cfg.MaxBufferedBytes),
		proxies: trusted,
		origins: newOriginCheck(cfg.CORS),
		models:  newCatalog(deps),
		logins:  newFlightLogins(),
		pace:    defaultPace,
	}
	a.models.audit, a.models.observe = a.record, a.grantObserver
	if cfg.Arrow {
		a.tables = newTables(cfg, a.budget)
	}
	if sub != "" {
		a.prefix = "/" + sub
	}
	if cfg.Metrics {
		a.metrics = newMetrics(cfg, deps.Stats)
		a.metrics.addConfinement(deps.Confinement)
		a.metrics.addLimits(cfg, a.budget, deps.Readiness)
		a.metrics.addFlight(cfg, a.tables)
		a.metrics.addGrants(deps.Grants)
		a.metrics.addCluster(deps.ClusterStats)
		if deps.AuditStats != nil {
			a.metrics.registry.MustRegister(auditCollector{deps.AuditStats})
		}
	}
	a.echo.HTTPErrorHandler = func(error, echo.Context) {} // middleware has already handled the error
	a.echo.Use(a.middleware)
	a.registerRoutes()
	if a.console, err = a.newConsole(); err != nil {
		return nil, err
	}
	a.registerConsole()
	return a, nil
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.echo.ServeHTTP(w, r) }
