package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
)

// request is an HTTP request in progress and the facts that its log line needs.
type request struct {
	echo.Context
	api          *API
	id           string // call ID; generated here, so that a client cannot imitate the ID of another call
	route        string // the path in the route table, or "" if no route matched
	user         User   // the name is set even if the password was wrong
	started      time.Time
	bodyRead     bool   // the body was read to its end
	lease        *lease // memory from the budget; nil before the first use
	timing       runtime.Timing
	err          error  // why the request failed
	reasonLogged bool   // the access line need not repeat it
	clientGone   bool   // the client disconnected before the response was ready
	endpoint     string // the endpoint that the request queries or changes; "" if there is none
	script       []byte // the body of /evaluate, or nil
	callErr      error  // of a script or a query of the console, whose response has the status 200 nevertheless
	noted        notedScript
}

// middleware wraps every handler. It assigns the call ID, sets the common headers, turns errors and
// panics into responses, and writes the log line and the metrics.
func (a *API) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := &request{Context: c, api: a, id: newUUID(), started: time.Now()}
		ctx := zerolog.Ctx(c.Request().Context()).With().Str("call", req.id).Logger().WithContext(c.Request().Context())
		c.SetRequest(c.Request().WithContext(withRequest(ctx, req)))
		req.setCommonHeaders()
		defer req.releaseMemory()
		if err := a.runHandler(req, next); err != nil {
			req.fail(err)
		}
		req.logAccess()
		a.metrics.observeRequest(req)
		a.observeCall(req)
		if req.clientGone {
			panic(http.ErrAbortHandler) // returning would make net/http send an empty 200
		}
		return nil
	}
}

// runHandler checks the host, the origin and the encoding of the path, then calls next. It returns
// a panic as errHandlerPanic.
func (a *API) runHandler(req *request, next echo.HandlerFunc) (err error) {
	defer func() {
		if p := recover(); p != nil {
			req.logger().Error().Str("panic", truncate(fmt.Sprint(p))).Str("stack", string(debug.Stack())).Msg("a handler panicked")
			err = errHandlerPanic
		}
	}()
	if !a.hostAllowed(req.Request().Host) {
		return fmt.Errorf("%w: %q", errHostNotAllowed, req.loggedHost())
	}
	if !a.isConsole(req) { // which checks the origin itself, and more strictly
		if err := a.origins.check(req.Request()); err != nil {
			return err
		}
	}
	if !utf8.ValidString(req.Request().URL.Path) {
		return errPathEncoding
	}
	err = next(req)
	if errors.Is(err, echo.ErrNotFound) {
		err = a.serveUnrouted(req)
	}
	return err
}

// setCommonHeaders sets the headers that every response has.
func (req *request) setCommonHeaders() {
	h := req.Response().Header()
	h.Set("Server", "tabcell")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Request-Id", req.id) // GAP: with it, an administrator finds a user's request in the log
	if len(req.Request().TransferEncoding) > 0 {
		// GAP: if a request has both a Transfer-Encoding and a Content-Length, net/http ignores the
		// latter without a trace, while a proxy in front may have used it. The connection is
		// closed, so that nothing after the body is read (RFC 9112, section 6.1). internal/listener
		// refuses such requests, but cannot inspect TLS connections.
		h.Set("Connection", "close")
	}
}

// setCORSHeaders sets the configured CORS headers, regardless of the request's Origin.
func (a *API) setCORSHeaders(h http.Header) {
	for name, value := range a.corsHeaders() {
		if value != "" {
			h.Set(name, value)
		}
	}
}

func (a *API) corsHeaders() map[string]string {
	return map[string]string{
		"Access-Control-Allow-Origin":  a.cfg.CORS.Origin,
		"Access-Control-Allow-Headers": a.cfg.CORS.Headers,
		"Access-Control-Allow-Methods": a.cfg.CORS.Methods,
	}
}

// fail sends the response for err, unless a response has been started or the client is gone.
func (req *request) fail(err error) {
	req.err = err
	if req.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && req.Request().Context().Err() != nil {
		req.clientGone = true
		return
	}
	req.recordFailure(err, req.endpoint)
	req.releaseMemory() // of the body, which is not needed any more
	f := req.api.failureOf(err)
	req.logFailure(f)
	if err := req.write(req.errorResponse(f)); err != nil {
		req.err = errors.Join(req.err, err)
	}
}

// errorResponse returns the response for f: TabPy's JSON object, or an error page if f has no
// message. Error pages carry no CORS headers.
func (req *request) errorResponse(f failure) response {
	h := req.Response().Header()
	if f.message == "" {
		for name := range req.api.corsHeaders() {
			h.Del(name)
		}
		title := fmt.Sprintf("%d: %s", f.status, http.StatusText(f.status))
		return response{f.status, html, fmt.Appendf(nil, "<html><title>%s</title><body>%s</body></html>", title, title)}
	}
	if f.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(f.retryAfter))
	}
	return response{f.status, jsonPlain, pyjson.Marshal(errorBody{f.message, f.info})}
}

// newUUID returns a random UUID (version 4, RFC 9562).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process if no entropy is available
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
