package console

import (
	"context"
	"net/http"
	"time"

	"tabcell/httpapi/console/faults"
	"tabcell/httpapi/console/load"
	"tabcell/runtime"
)

// Deps holds the implementations that the console depends on.
type Deps struct {
	// Authenticates reports whether authentication is on.
	Authenticates bool
	// Methods returns the enabled methods of authentication: "basic", "bearer" and "certificate".
	// It is not called unless Authenticates is set.
	Methods func() []string
	// Anonymous is the user of every request while authentication is off.
	Anonymous User
	// Load has the figures about the load.
	Load *load.Recorder
	// Faults has the recent failures.
	Faults *faults.Ring
	// Endpoints has the deployed endpoints.
	Endpoints Endpoints
	// Admin has the state of the server for administrators; nil if it is not shown.
	Admin Admin
	// Nodes has the state of the cluster; nil if the server is alone.
	Nodes Nodes
	// Manual has the pages of the manual; nil if there are none.
	Manual Manual
}

// Exchange is a request in progress, as the server in front of the console sees it.
type Exchange interface {
	// ID returns the call ID, which the log and the client see.
	ID() string
	// Owner returns the key of the account or the address, with which it shares the server with
	// others and under which its figures are kept. SetUser must have been called.
	Owner() string
	// Public returns the URL at which the client addressed the server.
	Public() URL
	// SetRoute names the route in the log and in the metrics.
	SetRoute(route string)
	// SetUser makes the request that of a user, for its shares of the server, the log, the audit
	// trail and the rights of its script.
	SetUser(User)
	// Authenticate checks credentials, and the certificate of the connection, as the server's API
	// does. audit states that the result is a sign-in for the audit trail.
	Authenticate(ctx context.Context, c Credentials, audit bool) (User, error)
	// HasCertificate reports whether the connection has a client certificate.
	HasCertificate() bool
	// Record adds an event of the request to the audit trail.
	Record(e Event)
	// Describe returns the status and the texts with which the server's API reports an error.
	Describe(error) Failure
	// ReadBody returns the body of the request. Bodies with more than limit bytes are refused with a
	// *TooLargeError. The memory counts in the budget of the server until the response has been sent.
	ReadBody(limit int64) ([]byte, error)
	// Reserve counts more bytes in the budget of the server until the response has been sent.
	Reserve(bytes int64) error
	// Fail notes the error with which the request fails, for the log and the audit trail.
	Fail(error)
	EndpointActions
	// Evaluate runs a request body of /evaluate with the rights of the user.
	Evaluate(ctx context.Context, body []byte) (runtime.Result, error)
}

// URL is the address of the server as a client sees it.
type URL struct {
	Scheme string // http or https
	Host   string // with the port, if it is not the default
	Prefix string // of all paths: "" or "/sub/dir"
}

// Credentials are what a client signs in with: a name and a password, a token, or nothing but the
// certificate of the connection.
type Credentials struct {
	Name, Password string
	Token          string
	Certificate    bool // the others are empty
}

// User is an authenticated client.
type User struct {
	Name    string // to show; "" while authentication is off
	Account string // identifies the user; "" while authentication is off
	Roles   Roles  // those in effect
}

// Failure is an error as the server's API reports it.
type Failure struct {
	Status     int
	Message    string
	Advice     string
	RetryAfter time.Duration // 0 if it is unknown
}

// Event is an entry of the audit trail.
type Event struct {
	Kind     EventKind
	Refused  bool
	Account  string // "" for that of the user
	Endpoint string
	Reason   string
}

// EventKind is the kind of an event.
type EventKind int

// The kinds of events.
const (
	EventSignOut EventKind = iota // a session was ended by its user
	EventAccess                   // a request was refused
)

// Handler handles the requests of one route.
type Handler func(q *Request) (Response, error)

// Response is the result of a handler. The zero value means that the handler has sent the response
// itself, with Request.Writer.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
	Header      http.Header // further headers; may be nil
}
