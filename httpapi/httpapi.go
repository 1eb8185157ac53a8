// Package httpapi is TabPy's wire: the HTTP resources that Tableau, TabPy's Python client and people's own tools talk to, answered
// byte for byte as TabPy 2.16 answers them, except where COMPAT.md says otherwise. It runs no scripts itself: what it needs done it
// asks of the interfaces in deps.go, and it believes nothing that a client sends.
//
// The words:
//   - exchange: one request and its answer, with what the log will say about them.
//   - route: a line of the table in routes.go: method, path, permission, handler.
//   - answer: what a handler returns when all went well: status, content type, body.
//   - failure: what an error becomes on the wire. One table, in errors.go, holds them all.
//   - page: the HTML text by which TabPy's HTTP library reports its own errors (404, 405, 403, 500).
//   - head: the lines of a request before its body. Two readers must not disagree on where it ends (heads.go).
//   - source: the address that a request came from, which a proxy may hide (source.go).
//   - budget: the bytes of request bodies and answers that all exchanges together may hold.
//
// A request passes: observe (call id, log line, panics) - permission - size - CORS headers - handler - answer.
package httpapi

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// API answers TabPy's requests. It is an http.Handler; NewServer gives it a server with the right timeouts.
type API struct {
	cfg     Config
	deps    Deps
	echo    *echo.Echo
	prefix  string // of all routes but the health checks: "" or "/sub/dir"
	budget  budget
	proxies trustedProxies
	models  *catalog
	etags   etagCache
	metrics *metrics // nil: off

	transferTimeout func(n int64) time.Duration // how long n bytes may take on their way
}

// subdirectories are the prefixes that can be served. GAP: TabPy takes any text, most of which no URL can match.
var subdirectories = regexp.MustCompile(`^[A-Za-z0-9._~/-]*$`)

// New makes the handler. It fails when the configuration cannot be served.
func New(cfg Config, deps Deps) (*API, error) {
	cfg = cfg.withDefaults()
	sub := strings.Trim(cfg.Subdirectory, "/")
	if !subdirectories.MatchString(sub) {
		return nil, fmt.Errorf("subdirectory %q: only letters, digits, and the characters - . _ ~ / are possible", cfg.Subdirectory)
	}
	trusted, err := parseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	a := &API{cfg: cfg, deps: deps, echo: echo.New(), budget: budget{limit: cfg.MaxBufferedBytes}, proxies: trusted, models: newCatalog(deps), transferTimeout: transferTimeout}
	if sub != "" {
		a.prefix = "/" + sub
	}
	if cfg.Metrics {
		a.metrics = newMetrics(cfg, deps.Stats)
	}
	a.echo.HTTPErrorHandler = func(error, echo.Context) {} // observe has answered all errors
	a.echo.Use(a.middleware)
	a.registerRoutes()
	return a, nil
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.echo.ServeHTTP(w, r) }
