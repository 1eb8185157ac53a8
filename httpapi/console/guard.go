package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"tabcell/httpapi/console/session"
)

// csrfHeader is the header with the CSRF token. A page of another origin cannot set it without the
// server's permission, which the console never gives.
const csrfHeader = "X-Console-CSRF"

// signedInSession is a session whose credentials have been checked for the request.
type signedInSession struct {
	session.Session
	credentials Credentials
}

var errNotSignedIn = &Error{
	Status: http.StatusUnauthorized, Code: "unauthenticated", Message: "You are not signed in, or your session has ended.", Advice: "Sign in; the page keeps what you wrote.",
}

// guard returns an error unless a request may use a route. It sets the user of the request.
func (c *Console) guard(q *Request, r route) error {
	if r.access == open {
		return nil
	}
	if err := checkOrigin(q.Request, q.Public()); err != nil {
		q.Record(Event{Kind: EventAccess, Refused: true, Reason: err.Message})
		return err
	}
	err := c.identify(q)
	if r.access == signedIn && err != nil {
		return err
	}
	if !isSafe(q.Method) && !session.Equal(q.Header.Get(csrfHeader), c.csrf(q)) {
		q.Record(Event{Kind: EventAccess, Refused: true, Reason: errCSRF.Message})
		return errCSRF
	}
	if r.access == signedIn && !q.User.Roles.Any(r.roles) {
		err := missingRole(r.roles, q.User)
		q.Record(Event{Kind: EventAccess, Refused: true, Reason: err.Message})
		return err
	}
	return nil
}

var errCSRF = &Error{
	Status: http.StatusForbidden, Code: "csrf", Message: "The CSRF token of the request is missing, or it belongs to another session.",
	Advice: "Get a new one with GET /console/api/v1/session; the server may have been restarted.",
}

// csrf returns the token that a request that changes something must have.
func (c *Console) csrf(q *Request) string {
	if q.session == nil {
		return c.openToken
	}
	return session.CSRF(q.session.ID)
}

func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// checkOrigin returns an error for a request that a page of another origin sent. Browsers say so
// with Sec-Fetch-Site, which is reliable, or with Origin. Other clients send neither.
func checkOrigin(r *http.Request, u URL) *Error {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	switch {
	case site == "same-origin", site == "none" && isSafe(r.Method), site == "" && origin == "":
		return nil
	case site == "" && isSameOrigin(origin, r.Host, u):
		return nil
	}
	return &Error{
		Status: http.StatusForbidden, Code: "origin", Message: "The request comes from a page of another origin.",
		Advice: "If a proxy is in front of the server, name it in TABCELL_TRUSTED_PROXIES and let it set X-Forwarded-Host and X-Forwarded-Proto.",
	}
}

// isSameOrigin reports whether an origin is that of the server. The scheme is not compared with a
// request that may have passed a proxy that does not report it.
func isSameOrigin(origin, host string, u URL) bool {
	parsed, err := url.Parse(origin)
	if err != nil || parsed.Host == "" {
		return false
	}
	return strings.EqualFold(parsed.Host, host) || strings.EqualFold(origin, u.Scheme+"://"+u.Host)
}

// identify sets the user of a request: that of its session, or that of every client while
// authentication is off. The credentials of a session are checked with each request, so that it ends
// with them: when the account is removed, its password is changed, or its token expires.
func (c *Console) identify(q *Request) error {
	if !c.deps.Authenticates {
		q.become(c.deps.Anonymous)
		return nil
	}
	s, err := c.currentSession(q, false)
	if err != nil {
		return err
	}
	q.session = s
	return nil
}

func (q *Request) become(u User) {
	q.User = u
	q.SetUser(u)
}

// currentSession returns the session of a request and makes its user that of the request. peek
// states that this is not a use of the session.
func (c *Console) currentSession(q *Request, peek bool) (*signedInSession, error) {
	id := c.sessionID(q)
	s, ok := c.sessions.Get(id, peek)
	if !ok {
		return nil, errNotSignedIn
	}
	current := &signedInSession{Session: s}
	if err := json.Unmarshal(s.Secret, &current.credentials); err != nil {
		panic(err) // cannot happen: signIn wrote it
	}
	user, err := q.Authenticate(q.Context(), current.credentials, false)
	if err == nil && user.Account != s.Account {
		err = errNotSignedIn // the connection has the certificate of another account
	}
	if err != nil {
		return nil, c.endIfRefused(q, id, err)
	}
	q.become(user)
	return current, nil
}

// endIfRefused ends the session whose credentials are no longer accepted. Other errors, such as too
// many failed sign-ins from the address, leave it alone.
func (c *Console) endIfRefused(q *Request, id string, err error) error {
	status := describe(q.Exchange, err).Status
	if status != http.StatusUnauthorized && status != http.StatusForbidden {
		return err
	}
	c.sessions.Remove(id)
	return errors.Join(errNotSignedIn, err)
}
