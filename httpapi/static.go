package httpapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
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
var landingHTML []byte

// landingPolicy lets the page run its own script, which asks this server what is deployed, and nothing else.
var landingPolicy = "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; script-src 'sha256-" +
	scriptDigest(landingHTML) + "'"

// scriptDigest is that of the one script of a page, as a Content-Security-Policy names it (CSP 3, 2.3.1).
func scriptDigest(page []byte) string {
	_, rest, _ := bytes.Cut(page, []byte("<script>"))
	script, _, _ := bytes.Cut(rest, []byte("</script>"))
	digest := sha256.Sum256(script)
	return base64.StdEncoding.EncodeToString(digest[:])
}

// landing answers GET / with a page for people, unless a folder has another one.
func (a *API) landingPage(req *request) (response, error) {
	if a.cfg.StaticPath != "" {
		return response{}, echo.ErrNotFound // which makes it a static file
	}
	req.Response().Header().Set("Content-Security-Policy", landingPolicy)
	return response{http.StatusOK, html, landingHTML}, nil
}

// unrouted answers what no line of the table matches: TabPy takes all other paths for static files, which can only be read.
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
	case a.cfg.StaticPath == "" || strings.ContainsRune(name, 0): // GAP: a NUL is TabPy's 500
		return echo.ErrNotFound
	}
	return a.serveStatic(req, name, index)
}

// staticName is the file that a path means, and what stands for a folder; not ok: the path is outside of the prefix. Three paths are there
// under any prefix.
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

// static serves one file of the folder. What the name means is found out by os.Root, which lets no ".." and no link lead outside. The folder
// is opened for each request, so that it may be replaced.
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
			req.Response().Header().Set("Location", req.Request().URL.EscapedPath()+"/")
			return req.write(response{http.StatusMovedPermanently, html, nil})
		}
		name = path.Join(name, index)
		info, err = root.Stat(name)
	}
	if err != nil {
		return staticError(err)
	}
	if !info.Mode().IsRegular() { // looked at before it is opened, which can take forever
		return fmt.Errorf("%s is not a file: %w", name, errForbiddenPath)
	}
	file, err := root.Open(name)
	if err != nil {
		return staticError(err)
	}
	defer file.Close()
	return req.sendFile(file, name)
}

// staticError is what a file that cannot be opened is to a client: what is not there is 404, what is not to be read is 403.
func staticError(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG) {
		return fmt.Errorf("%w: %w", echo.ErrNotFound, err)
	}
	return fmt.Errorf("%w: %w", errForbiddenPath, err)
}
