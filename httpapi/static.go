package httpapi

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed index.html
var landingPage []byte

// landing answers GET / with a page for people. It runs no code and loads nothing.
func landing(x *exchange) (answer, error) {
	x.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	return answer{http.StatusOK, html, landingPage}, nil
}

// unrouted is what the router's "not found" means: TabPy takes all other paths for static files, which can only be read.
func (a *API) unrouted(r *http.Request) error {
	if strings.Contains("/"+r.URL.Path+"/", "/../") {
		return errForbidden
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && strings.HasPrefix(r.URL.Path, a.prefix+"/") {
		return echo.ErrMethodNotAllowed
	}
	return echo.ErrNotFound
}
