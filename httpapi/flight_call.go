package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/arrowipc"
)

// FlightService is the name of the Flight service in the paths of its methods.
const FlightService = "/arrow.flight.protocol.FlightService/"

// FlightCall is one call of the Flight service, which package httpapi/flight serves. It does what
// the service shares with the HTTP API: authentication, the store of tables, limits, and the log.
type FlightCall struct {
	req    *request
	api    *API
	method string // "" if the service has no such method
	token  string // see Token
	upload *lease // memory of what the client is sending
}

// NewFlightCall returns the call of a request to a method of the service, and its context. method is
// "" if the service has no such method. The caller must call Authorize first and Finish last.
func (a *API) NewFlightCall(w http.ResponseWriter, r *http.Request, method string) (*FlightCall, context.Context) {
	c := a.echo.NewContext(r, w)
	req := &request{Context: c, api: a, id: newUUID(), started: time.Now()}
	ctx := zerolog.Ctx(r.Context()).With().Str("call", req.id).Logger().WithContext(r.Context())
	c.SetRequest(r.WithContext(withRequest(ctx, req)))
	return &FlightCall{req: req, api: a, method: method}, c.Request().Context()
}

// Authorize returns an error unless the client may call the method. All methods need the role that
// scripts need: tables are of no use without one.
//
// GAP: TabPy lets every authenticated client call all methods.
func (c *FlightCall) Authorize() error {
	err := c.authorize()
	c.upload = &lease{budget: c.api.budget, owner: owner(c.req)}
	return err
}

func (c *FlightCall) authorize() error {
	if host := c.req.Request().Host; !c.api.hostAllowed(host) {
		return &FlightError{FlightDenied, fmt.Sprintf("%v: %q", errHostNotAllowed, c.req.loggedHost())}
	}
	if err := c.signIn(); err != nil {
		return err
	}
	user := c.req.user
	user.Scopes = AllRoles // as in TabPy, a token needs no scope of a route here
	return user.check(permEvaluate)
}

// Token returns the token that the client may send in place of its password, or "".
func (c *FlightCall) Token() string { return c.token }

// Handshake returns an error if there is nothing to sign in to.
func (c *FlightCall) Handshake() error {
	if c.api.deps.Authenticator == nil {
		return errNoAuthentication
	}
	return nil
}

// Location returns the URL of the service as the client addressed it, or "" if that is not valid.
//
// GAP: TabPy sends the address 0.0.0.0, to which no client can connect.
func (c *FlightCall) Location() string {
	u := c.req.publicURL()
	if u.host == "HOST" {
		return ""
	}
	if u.scheme == "https" {
		return "grpc+tls://" + u.host
	}
	return "grpc+tcp://" + u.host
}

// UniquePath returns a path under which a client can put a table.
func (c *FlightCall) UniquePath() string { return newUUID() }

// Info returns the description of a table.
func (c *FlightCall) Info(d FlightDescriptor) (FlightInfo, error) {
	info, ok := c.api.tables.describe(c.req.tableKey(d))
	if !ok {
		return FlightInfo{}, errFlightNotFound
	}
	return info, nil
}

// List returns the descriptions of the client's tables.
//
// GAP: TabPy lists the tables of all clients.
func (c *FlightCall) List() []FlightInfo { return c.api.tables.list(owner(c.req)) }

// Clear drops the client's tables.
//
// GAP: TabPy drops the tables of all clients.
func (c *FlightCall) Clear() { c.api.tables.clear(owner(c.req)) }

// Shutdown refuses to stop the service.
//
// GAP: in TabPy, every client can stop it.
func (c *FlightCall) Shutdown() error { return errShutdownRefused }

// FlightTable is a table that was taken from the store.
type FlightTable struct {
	stored *storedTable
	next   int // message
}

// Take removes a table from the store. The caller must free it.
func (c *FlightCall) Take(ticket []byte) (*FlightTable, error) {
	key, ok := parseTicket(ticket)
	if !ok {
		return nil, errFlightConsumed
	}
	t := c.api.tables.take(tableKey{c.req.user.Account, key})
	if t == nil {
		return nil, errFlightConsumed
	}
	return &FlightTable{stored: t}, nil
}

// Next returns the header and the body of the next message, or nil after the last one. The body
// belongs to the caller, who frees it chunk by chunk.
func (t *FlightTable) Next() (header []byte, body []arrowipc.Chunk) {
	if t.next == len(t.stored.Messages) {
		return nil, nil
	}
	m := &t.stored.Messages[t.next]
	t.next++
	header, body, m.Body = m.Header, m.Body, nil
	return header, body
}

// Free frees what Next has not returned, and the place of the whole table in the budget.
func (t *FlightTable) Free() { t.stored.free() }

// Address returns the address of the client.
func (c *FlightCall) Address() string { return c.req.clientAddr() }

// Finish frees the memory of the call, logs and counts it, and records refusals and exceeded limits
// in the audit trail. err is its error, or nil.
func (c *FlightCall) Finish(err error) {
	c.upload.release(c.upload.bytes)
	code := FlightOK
	if err != nil {
		code = c.Error(err).Code
		c.req.recordFailure(err, "")
	}
	c.logFlight(code, err)
	c.api.metrics.observeFlight(c.method, code, time.Since(c.req.started))
}

// Error returns an error as the client sees it.
func (c *FlightCall) Error(err error) *FlightError { return c.api.flightErrorOf(err) }

// logFlight writes the line for a call, as logAccess does for a request.
func (c *FlightCall) logFlight(code FlightCode, err error) {
	level, took := zerolog.InfoLevel, time.Since(c.req.started)
	switch {
	case code == FlightInternal:
		level = zerolog.ErrorLevel
	case err != nil && code != FlightCanceled:
		level = zerolog.WarnLevel
	}
	method := cmp.Or(c.method, "unknown method")
	e := c.req.logger().WithLevel(level).Str("logger", accessLogger).Str("method", method).Str("code", string(code)).Str("remote", c.Address())
	if reason := loggedReason(err); reason != "" {
		e = e.Str("error", reason)
	}
	e.Dur("took", took).Msgf("%s Flight %s (%s) %.2fms", code, method, c.Address(), took.Seconds()*1000)
}

// loggedReason returns the reason of a failure for the log, or "" if err is nil.
func loggedReason(err error) string {
	if err == nil {
		return ""
	}
	return sanitize(err.Error(), maxLoggedText)
}
