package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// positiveParam returns the value of a numeric query parameter, or 0 if it is missing.
func positiveParam(r *http.Request, name string) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, badRequest(`%s is "%s"; it must be a positive integer.`, name, sanitize(text, maxLoggedName))
	}
	return n, nil
}

// pathAfter returns the escaped path without the given beginning. ok is false if the path does not
// begin with it.
func (a *API) pathAfter(req *request, prefix string) (rest string, ok bool) {
	return strings.CutPrefix(req.Request().URL.EscapedPath(), a.prefix+prefix)
}

// lastSegment returns the rest of the path, decoded once. It must be a single segment: the router
// lets a last parameter span slashes, but TabPy's routes do not.
func (a *API) lastSegment(req *request, prefix string) (string, error) {
	return a.segmentBetween(req, prefix, "")
}

// segmentBetween returns the single segment between a prefix and a suffix of the path, decoded
// once.
func (a *API) segmentBetween(req *request, prefix, suffix string) (string, error) {
	raw, ok := a.pathAfter(req, prefix)
	raw, hasSuffix := strings.CutSuffix(raw, suffix)
	if !ok || !hasSuffix || raw == "" || strings.Contains(raw, "/") {
		return "", echo.ErrNotFound
	}
	return unescape(raw), nil
}

// unescape decodes percent-encoded text. It returns s unchanged if s is not encoded properly.
func unescape(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
