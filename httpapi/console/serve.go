package console

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is a request to the console.
type Request struct {
	*http.Request
	Exchange
	Writer     http.ResponseWriter
	User       User              // set for routes that need a session
	parameters map[string]string // of the path
	session    *signedInSession  // nil without one
}

// Parameter returns a parameter of the path.
func (q *Request) Parameter(name string) string { return q.parameters[name] }

// Serve serves a request whose path, without the base path, is path: in escaped form, and /console
// or below it.
func (c *Console) Serve(w http.ResponseWriter, r *http.Request, path string, x Exchange) (Response, error) {
	q := &Request{Request: r, Exchange: x, Writer: w}
	setSecurityHeaders(w.Header())
	resp, err := c.dispatch(q, path)
	if err != nil && r.Context().Err() != nil {
		return Response{}, r.Context().Err() // the client is gone, and err is of no interest
	}
	if err != nil {
		resp = c.failed(q, err)
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	return resp, nil
}

// failed returns the response for an error.
func (c *Console) failed(q *Request, err error) Response {
	q.Fail(err)
	return describe(q.Exchange, err).response(q.ID())
}

// dispatch finds the route of a request and runs its handler.
func (c *Console) dispatch(q *Request, path string) (Response, error) {
	var allowed []string
	for _, r := range c.routes {
		parameters, ok := r.match(path)
		if !ok {
			continue
		}
		if r.method != q.Method && !(r.method == http.MethodGet && q.Method == http.MethodHead) {
			allowed = append(allowed, r.method)
			continue
		}
		q.parameters = parameters
		q.SetRoute(r.path)
		if err := c.guard(q, r); err != nil {
			return Response{}, err
		}
		return r.handle(q)
	}
	if len(allowed) > 0 {
		slices.Sort(allowed)
		q.Writer.Header().Set("Allow", strings.Join(slices.Compact(allowed), ", "))
		return Response{}, &Error{Status: http.StatusMethodNotAllowed, Code: "method", Message: "This path does not have the method of the request."}
	}
	if q.isNavigation(path) {
		return c.missingPage(q)
	}
	return Response{}, notFound("such page")
}

// isNavigation reports whether a browser is to show the response as a page.
func (q *Request) isNavigation(path string) bool {
	isFile := strings.HasPrefix(path, apiPath) || strings.HasPrefix(path, "/console/assets/")
	return isSafe(q.Method) && !isFile && strings.Contains(q.Header.Get("Accept"), "text/html")
}

// contentPolicy allows pages only the scripts and styles of the console itself. No script can turn
// text into markup, because no trusted types exist.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// setSecurityHeaders sets the headers that every response of the console has.
func setSecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}

// clock returns the time; tests replace it.
type clock func() time.Time
