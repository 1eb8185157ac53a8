package httpapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/labstack/echo/v4"
)

//go:embed index.html
var landingHTML string

var landingTemplate = template.Must(template.New("landing").Parse(landingHTML))

// landingContent has the parts of the landing page that depend on the server and the request. Its
// script has none of them.
type landingContent struct {
	URL    string // of the server
	Auth   string // curl's options for credentials, with a final space; or ""
	Health string // path of the health check, which the subdirectory does not precede

	Console bool // whether there is a console
}

func (c landingContent) page() ([]byte, error) {
	var page bytes.Buffer
	err := landingTemplate.Execute(&page, c)
	return page.Bytes(), err
}

// landingPolicy allows the landing page only its own script, which lists the deployed endpoints.
var landingPolicy = "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; script-src 'sha256-" +
	scriptDigest([]byte(landingHTML)) + "'"

// scriptDigest returns the digest of the script in page, in the form that a Content-Security-Policy
// needs (CSP 3, section 2.3.1).
func scriptDigest(page []byte) string {
	_, rest, _ := bytes.Cut(page, []byte("<script>"))
	script, _, _ := bytes.Cut(rest, []byte("</script>"))
	digest := sha256.Sum256(script)
	return base64.StdEncoding.EncodeToString(digest[:])
}

// landingPage handles GET / and /index.html. If a static folder is configured, its files are served
// instead.
func (a *API) landingPage(req *request) (response, error) {
	if a.cfg.StaticPath != "" {
		return response{}, echo.ErrNotFound // serveUnrouted then serves the static file
	}
	u := req.publicURL()
	page, err := landingContent{u.String(), a.curlAuth(), u.removed + "/health/ready", a.console != nil}.page()
	req.Response().Header().Set("Content-Security-Policy", landingPolicy)
	return response{http.StatusOK, html, page}, err
}

// serveUnrouted handles requests that match no route. TabPy treats all other paths as static files,
// which can only be read.
func (a *API) serveUnrouted(req *request) error {
	for name := range a.corsHeaders() {
		req.Response().Header().Del(name)
	}
	r := req.Request()
	name, index, ok := a.staticName(r.URL.Path)
	switch {
	case !ok:
		return echo.ErrNotFound
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		req.Response().Header().Set("Allow", "GET, HEAD")
		return echo.ErrMethodNotAllowed
	case name != "" && !filepath.IsLocal(filepath.FromSlash(name)):
		return errForbiddenPath
	case a.cfg.StaticPath == "" || strings.ContainsRune(name, 0): // GAP: TabPy answers 500 for a NUL
		return echo.ErrNotFound
	}
	return a.serveStatic(req, name, index)
}

// staticName returns the name of the file for the URL path p, and the name of the index file if p
// is a folder. ok is false if p is outside the prefix. /static/, /favicon.ico and /robots.txt are
// served regardless of the prefix.
func (a *API) staticName(p string) (name, index string, ok bool) {
	if name, ok := strings.CutPrefix(p, "/static/"); ok {
		return name, "", true
	}
	if p == "/favicon.ico" || p == "/robots.txt" {
		return p[1:], "", true
	}
	name, ok = strings.CutPrefix(p, a.prefix+"/")
	return name, "index.html", ok
}

// serveStatic serves a file of the static folder. os.Root resolves the name, so that neither ".."
// nor links lead outside. The folder is opened for each request, so that it can be replaced at any
// time.
func (a *API) serveStatic(req *request, name, index string) error {
	root, err := os.OpenRoot(a.cfg.StaticPath)
	if err != nil {
		return staticError(err)
	}
	defer root.Close()
	name = path.Clean("./" + name)
	info, err := root.Stat(name)
	if err == nil && info.IsDir() && index != "" {
		if !strings.HasSuffix(req.Request().URL.Path, "/") {
			req.Response().Header().Set("Location", req.publicURL().removed+req.Request().URL.EscapedPath()+"/")
			return req.write(response{http.StatusMovedPermanently, html, nil})
		}
		name = path.Join(name, index)
		info, err = root.Stat(name)
	}
	if err != nil {
		return staticError(err)
	}
	if !info.Mode().IsRegular() { // checked before opening, since opening a named pipe blocks
		return fmt.Errorf("%s is not a regular file: %w", name, errForbiddenPath)
	}
	file, err := root.Open(name)
	if err != nil {
		return staticError(err)
	}
	defer file.Close()
	return req.sendFile(file, name)
}

// staticError returns the error for a file that cannot be opened: 404 if it does not exist,
// otherwise 403.
func staticError(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG) {
		return fmt.Errorf("%w: %w", echo.ErrNotFound, err)
	}
	return fmt.Errorf("%w: %w", errForbiddenPath, err)
}
