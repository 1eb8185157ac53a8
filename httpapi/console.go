package httpapi

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tabcell/httpapi/console"
	"tabcell/httpapi/console/faults"
	"tabcell/httpapi/console/load"
	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
)

// consolePath is the path of the console, and the beginning of all paths in it.
const consolePath = "/console"

// newConsole returns the console, or nil if it is off.
func (a *API) newConsole() (*console.Console, error) {
	if !a.cfg.Console {
		return nil, nil
	}
	cfg := console.Config{
		Version: a.cfg.Program, Port: a.cfg.Port, ScriptLogging: a.cfg.LogScript, EvaluateEnabled: a.cfg.EvaluateEnabled,
		MaxRequestBytes: a.cfg.MaxRequestBytes, MaxModelBytes: a.cfg.MaxModelBytes, MemoryLimit: a.cfg.MemoryLimit, OutputLimit: a.cfg.OutputLimit,
		Timeout: a.cfg.Timeout, Concurrency: a.cfg.Concurrency, Queue: a.cfg.Queue,
	}
	a.load, a.faults = load.New(a.gauges, time.Now), faults.New()
	deps := console.Deps{
		Load: a.load, Faults: a.faults, Endpoints: consoleEndpoints{a}, Admin: a.deps.ConsoleAdmin, Nodes: a.deps.ConsoleNodes, Manual: a.deps.Manual,
		Anonymous: console.User{Roles: console.Roles(a.cfg.AnonymousRoles &^ RoleNone)},
	}
	if auth := a.deps.Authenticator; auth != nil {
		deps.Authenticates = true
		deps.Methods = func() []string { return methodNames(auth.Methods()) }
	}
	return console.New(cfg, deps)
}

// methodNames returns the names of the enabled methods, as the console shows them.
func methodNames(m AuthMethods) []string {
	names := []string{}
	if m.Basic {
		names = append(names, "basic")
	}
	if m.OAuth != nil {
		names = append(names, "bearer")
	}
	if m.ClientCertificate {
		names = append(names, "certificate")
	}
	return names
}

// consoleMethods are the methods that the console gets, also those that it refuses.
var consoleMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// registerConsole adds the paths of the console to the router. The console has a table of its own.
func (a *API) registerConsole() {
	if a.console == nil {
		return
	}
	for _, method := range consoleMethods {
		for _, path := range []string{consolePath, consolePath + "/*"} {
			a.echo.Add(method, a.prefix+path, func(c echo.Context) error { return a.serveConsole(c.(*request)) })
		}
	}
}

// isConsole reports whether the console serves a request.
func (a *API) isConsole(req *request) bool {
	route := req.Path() // of the router
	return a.console != nil && (route == a.prefix+consolePath || route == a.prefix+consolePath+"/*")
}

// serveConsole serves a request to the console.
func (a *API) serveConsole(req *request) error {
	req.route = consolePath
	r := req.Request()
	x := &consoleExchange{req: req}
	resp, err := a.console.Serve(req.Response(), r, strings.TrimPrefix(r.URL.EscapedPath(), a.prefix), x)
	if req.err == nil && req.callErr != nil { // the response has the status 200 and describes the failure
		req.recordFailure(req.callErr, req.endpoint)
	}
	if err != nil || resp.Status == 0 || req.Response().Committed { // an error of a response that has begun is in the log
		return err
	}
	if err := req.holdResponse(resp.Body); err != nil {
		return err
	}
	return req.write(response{resp.Status, resp.ContentType, resp.Body})
}

// consoleExchange implements console.Exchange.
type consoleExchange struct{ req *request }

// ID implements console.Exchange.
func (x *consoleExchange) ID() string { return x.req.id }

// Public implements console.Exchange.
func (x *consoleExchange) Public() console.URL {
	u := x.req.publicURL()
	return console.URL{Scheme: u.scheme, Host: u.host, Prefix: u.prefix}
}

// SetRoute implements console.Exchange.
func (x *consoleExchange) SetRoute(route string) { x.req.route = route }

// SetUser implements console.Exchange.
func (x *consoleExchange) SetUser(u console.User) {
	x.req.user = User{Name: u.Name, Account: u.Account, Roles: Roles(u.Roles), Scopes: AllRoles}
}

// Authenticate implements console.Exchange.
func (x *consoleExchange) Authenticate(ctx context.Context, c console.Credentials, audit bool) (console.User, error) {
	credentials := x.credentials(c)
	user, err := x.req.api.deps.Authenticator.Authenticate(ctx, credentials)
	if err == nil {
		x.req.user = user
	}
	if audit {
		x.req.recordSignIn(credentials, err)
	}
	return console.User{Name: user.Name, Account: user.Account, Roles: console.Roles(user.Roles & user.Scopes)}, err
}

// credentials returns credentials in the form of an Authorization header.
func (x *consoleExchange) credentials(c console.Credentials) Credentials {
	all := Credentials{Address: x.req.clientAddr(), WellFormed: true, Name: c.Name, Password: c.Password, Token: c.Token}
	if state := x.req.Request().TLS; state != nil {
		all.Chains = state.VerifiedChains
	}
	switch {
	case c.Certificate:
		all.WellFormed = false
	case c.Token != "":
		all.Scheme = "Bearer"
	default:
		all.Scheme = "Basic"
	}
	return all
}

// HasCertificate implements console.Exchange.
func (x *consoleExchange) HasCertificate() bool {
	state := x.req.Request().TLS
	return state != nil && len(state.VerifiedChains) > 0
}

// Record implements console.Exchange.
func (x *consoleExchange) Record(e console.Event) {
	event := AuditEvent{Kind: AuditSignOut, Outcome: AuditOK, Account: e.Account, Endpoint: e.Endpoint, Reason: e.Reason}
	if e.Kind == console.EventAccess {
		event.Kind = AuditAccess
	}
	if e.Refused {
		event.Outcome = AuditRefused
	}
	x.req.record(event)
}

// Describe implements console.Exchange.
func (x *consoleExchange) Describe(err error) console.Failure {
	f := x.req.api.failureOf(err)
	advice, isText := f.info.(string)
	if _, empty := f.info.(emptyObject); !isText && !empty && f.info != nil {
		advice = string(pyjson.Marshal(f.info))
	}
	return console.Failure{Status: f.status, Message: f.message, Advice: advice, RetryAfter: time.Duration(f.retryAfter) * time.Second}
}

// Fail implements console.Exchange.
func (x *consoleExchange) Fail(err error) {
	x.req.err = err
	x.req.recordFailure(err, x.req.endpoint)
}

// ReadBody implements console.Exchange.
func (x *consoleExchange) ReadBody(limit int64) ([]byte, error) {
	size := x.req.Request().ContentLength
	if size > limit {
		return nil, &console.TooLargeError{Size: size, Limit: limit}
	}
	body, err := x.req.api.readBodyLimit(x.req, limit)
	if errors.Is(err, errOverLimit) {
		return nil, &console.TooLargeError{Limit: limit}
	}
	return body, err
}

// Reserve implements console.Exchange.
func (x *consoleExchange) Reserve(bytes int64) error { return x.req.memory().reserve(bytes) }

// consoleOwner is the owner of all scripts of the console in the queue of the server, so that they
// get the turn of one client.
const consoleOwner = "console"

// Evaluate implements console.Exchange.
func (x *consoleExchange) Evaluate(ctx context.Context, body []byte) (runtime.Result, error) {
	x.req.logScript(body)
	x.req.script = body
	call := x.req.api.scriptCall(x.req, body)
	call.Owner, call.SeparateErrors = runtime.Owner{Key: consoleOwner}, true
	call.Services = readingServices{call.Services}
	result, err := x.req.api.deps.Evaluator.Evaluate(ctx, call)
	x.req.noteScript(body)
	x.req.timing, x.req.callErr = result.Timing, err
	x.req.logOutput(slices.Concat(result.Output, result.Errors))
	return result, err
}
