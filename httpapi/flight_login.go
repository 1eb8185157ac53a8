package httpapi

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// signIn identifies the client of a call, and sets the token that it can use from then on.
func (c *FlightCall) signIn() error {
	a, req := c.api, c.req
	if a.deps.Authenticator == nil {
		req.user = User{Roles: a.cfg.AnonymousRoles, Scopes: AllRoles}
		return nil
	}
	creds := parseFlightCredentials(req.Request().Header)
	creds.Address = req.clientAddr()
	if state := req.Request().TLS; state != nil {
		creds.Chains = state.VerifiedChains
	}
	if creds.Scheme == "" && len(creds.Chains) == 0 {
		return errNoCredentials
	}
	if login, ok := a.logins.find(creds.Token); ok {
		creds.Scheme, creds.Name, creds.Password, creds.Token = "Basic", login.Name, login.Password, ""
	}
	err := a.identify(req, creds)
	if unauthorized, ok := errors.AsType[*UnauthorizedError](err); ok {
		req.logger().Warn().Msg("Flight authentication failed: " + sanitize(unauthorized.Error(), maxLoggedText))
	}
	if err == nil && strings.EqualFold(creds.Scheme, "basic") {
		c.token = a.logins.issue(creds.Name, creds.Password)
	}
	return err
}

// parseFlightCredentials parses the Authorization header of a call as TabPy does, which is stricter
// than for HTTP: two words, and base64 without other characters. Scheme is "" if there is no header,
// two different ones, or a foreign scheme.
func parseFlightCredentials(h http.Header) Credentials {
	values := slices.Compact(slices.Clone(h.Values("Authorization")))
	if len(values) != 1 {
		return Credentials{}
	}
	scheme, rest, found := strings.Cut(values[0], " ")
	if !found || rest == "" || strings.Contains(rest, " ") {
		return Credentials{}
	}
	c := Credentials{Scheme: scheme}
	switch strings.ToLower(scheme) {
	case "bearer":
		c.Token, c.WellFormed = rest, true
	case "basic":
		text, err := base64.StdEncoding.Strict().DecodeString(rest)
		name, password, found := strings.Cut(string(text), ":")
		if err == nil && found && utf8.Valid(text) {
			c.Name, c.Password, c.WellFormed = name, password, true
		}
	default:
		return Credentials{}
	}
	return c
}
