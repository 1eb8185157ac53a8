package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"tabcell/httpapi/console/session"
)

// maxSignIn is the size of a sign-in in bytes: a token is not longer than that of a header.
const maxSignIn = session.MaxSecret

// sessionBody describes the session of a client, and what it may do.
type sessionBody struct {
	Authentication string     `json:"authentication"`
	Methods        []string   `json:"methods"`
	SignedIn       bool       `json:"signed_in"`
	Account        string     `json:"account"`
	Roles          []string   `json:"roles"`
	CSRF           string     `json:"csrf"`
	Expires        *time.Time `json:"expires,omitempty"`
	IdleExpires    *time.Time `json:"idle_expires,omitempty"`
	Version        string     `json:"version"`
	ScriptLogging  bool       `json:"script_logging"`
	Evaluate       bool       `json:"evaluate"`
	Cluster        bool       `json:"cluster"`
	Limits         limitsBody `json:"limits"`
}

type limitsBody struct {
	Script  int64  `json:"script_bytes"`
	Data    int64  `json:"data_bytes"`
	Answer  int64  `json:"answer_bytes"`
	Printed int64  `json:"printed_bytes"`
	Timeout int64  `json:"timeout_ms"`
	Memory  uint64 `json:"memory_bytes"`
	Upload  int64  `json:"upload_bytes"`
}

// getSession handles GET /session.
func (c *Console) getSession(q *Request) (Response, error) {
	return jsonResponse(http.StatusOK, c.sessionBody(q)), nil
}

func (c *Console) sessionBody(q *Request) sessionBody {
	b := sessionBody{
		Authentication: "off", Methods: []string{}, SignedIn: !c.deps.Authenticates || q.session != nil, Roles: q.User.Roles.Names(), CSRF: c.csrf(q),
		Evaluate: c.cfg.EvaluateEnabled, Limits: c.limits(),
	}
	if b.SignedIn { // strangers do not see which version has which defects
		b.Version, b.ScriptLogging, b.Cluster = c.cfg.Version, c.cfg.ScriptLogging, c.hasNodes(q)
	}
	if c.deps.Authenticates {
		b.Methods = c.deps.Methods()
		b.Authentication = b.preferredMethod(q.HasCertificate())
	}
	if s := q.session; s != nil {
		b.Account, b.Authentication = q.User.Name, s.credentials.method()
		expires, idle := s.Expires.UTC(), s.Idle.UTC()
		b.Expires, b.IdleExpires = &expires, &idle
	}
	return b
}

// preferredMethod returns the method with which a client should sign in.
func (b sessionBody) preferredMethod(hasCertificate bool) string {
	for _, method := range b.Methods {
		if method != "certificate" || hasCertificate {
			return method
		}
	}
	return "certificate"
}

func (c Credentials) method() string {
	switch {
	case c.Certificate:
		return "certificate"
	case c.Token != "":
		return "bearer"
	}
	return "basic"
}

// signIn handles POST /session. The session that the client had before ends.
func (c *Console) signIn(q *Request) (Response, error) {
	if !c.deps.Authenticates {
		return Response{}, &Error{Status: http.StatusConflict, Code: "authentication_off", Message: "Authentication is off; everyone may use the console."}
	}
	credentials, err := readCredentials(q, c.deps.Methods())
	if err != nil {
		return Response{}, err
	}
	user, err := q.Authenticate(q.Context(), credentials, true)
	if err != nil {
		return Response{}, err
	}
	secret, err := json.Marshal(credentials)
	if err != nil {
		return Response{}, err
	}
	c.sessions.Remove(c.sessionID(q))
	s := c.sessions.Create(user.Account, secret)
	c.setCookie(q, s.ID)
	q.become(user)
	q.session = &signedInSession{s, credentials}
	return jsonResponse(http.StatusOK, c.sessionBody(q)), nil
}

var errNoCertificate = &Error{
	Status: http.StatusForbidden, Code: "no_certificate", Message: "The browser has sent no certificate.",
	Advice: "Install one that an authority of this server has issued, close all windows of the browser, and choose it when the browser asks.",
}

// readCredentials reads the body of a sign-in: a name and a password, a token, or neither for the
// certificate of the connection.
func readCredentials(q *Request, methods []string) (Credentials, error) {
	var body struct{ Username, Password, Token string }
	if err := readJSON(q, maxSignIn, &body); err != nil {
		return Credentials{}, err
	}
	token := strings.TrimSpace(body.Token)
	switch {
	case token != "" && body.Username == "" && body.Password == "":
		return Credentials{Token: token}, nil
	case token == "" && body.Username != "":
		return Credentials{Name: body.Username, Password: body.Password}, nil
	case token == "" && body.Password == "" && q.HasCertificate():
		return Credentials{Certificate: true}, nil
	case token == "" && body.Password == "" && slices.Contains(methods, "certificate"):
		return Credentials{}, errNoCertificate
	}
	return Credentials{}, badRequest("A sign-in needs a username and a password, or a token.")
}

// signOut handles DELETE /session.
func (c *Console) signOut(q *Request) (Response, error) {
	if q.session != nil {
		c.sessions.Remove(q.session.ID)
		q.Record(Event{Kind: EventSignOut})
	}
	c.setCookie(q, "")
	return Response{Status: http.StatusNoContent}, nil
}
