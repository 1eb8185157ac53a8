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

// exchange is one request and its answer.
type request struct {
	echo.Context
	api        *API
	id         string // call id, made here: a client's own would let it write into the log of others
	route      string // the path in the table; "" when none matched
	user       User   // who it is from; its name is also set when the password was wrong
	started    time.Time
	bodyRead   bool  // the body was read to its end
	reserved   int64 // bytes taken from the budget
	timing     runtime.Timing
	err        error // why the answer is a failure
	clientGone bool  // the client left before there was an answer
}

// observe is around everything: it gives each request its id and its common headers, turns errors into answers, keeps panics from
// spreading, and writes the log line.
func (a *API) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := &request{Context: c, api: a, id: newUUID(), started: time.Now()}
		ctx := zerolog.Ctx(c.Request().Context()).With().Str("call", req.id).Logger().WithContext(c.Request().Context())
		c.SetRequest(c.Request().WithContext(ctx))
		req.setCommonHeaders()
		defer func() { a.budget.release(req.reserved) }()
		if err := a.runHandler(req, next); err != nil {
			req.fail(err)
		}
		req.logAccess()
		a.metrics.observeRequest(req)
		if req.clientGone {
			panic(http.ErrAbortHandler) // returning would send an empty 200
		}
		return nil
	}
}

// guard runs the rest, with a panic as an error.
func (a *API) runHandler(req *request, next echo.HandlerFunc) (err error) {
	defer func() {
		if p := recover(); p != nil {
			req.logger().Error().Str("panic", truncate(fmt.Sprint(p))).Str("stack", string(debug.Stack())).Msg("a handler panicked")
			err = errHandlerPanic
		}
	}()
	if !a.hostAllowed(req.Request().Host) {
		return fmt.Errorf("%w; it is %q", errHostNotAllowed, req.loggedHost())
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

func (req *request) setCommonHeaders() {
	h := req.Response().Header()
	h.Set("Server", "tabcell")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Request-Id", req.id) // GAP: a user can name the log line of a failure to the administrator
	if len(req.Request().TransferEncoding) > 0 {
		// GAP: net/http lets Transfer-Encoding win over a Content-Length, without a trace of the latter. A proxy in front may have
		// believed the other one; nothing after such a request is read (RFC 9112, 6.1). heads.go refuses it, but cannot look into TLS.
		h.Set("Connection", "close")
	}
}

// allowOrigins copies the configured CORS headers, whatever the request's Origin.
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

// fail answers an error, unless an answer is on its way already or nobody waits for one.
func (req *request) fail(err error) {
	req.err = err
	if req.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && req.Request().Context().Err() != nil {
		req.clientGone = true
		return
	}
	f := req.api.failureOf(err)
	req.logFailure(f)
	if err := req.write(req.errorResponse(f)); err != nil {
		req.err = errors.Join(req.err, err)
	}
}

// refusal is a failure as an answer: TabPy's JSON, or the page of its HTTP library, which has none of the headers set before.
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

// newID is a random UUID (version 4, RFC 9562).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // cannot fail: it ends the process when there is no entropy
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
