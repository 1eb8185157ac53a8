package httpapi

import (
	"errors"
	"strings"
)

// authorize returns an error unless the client has permission p. It sets the request's user.
//
// Without authentication every client has every permission. But if a client sends a name and a
// password, it gets 406, as from TabPy, so that it does not take the server for protected.
func (a *API) authorize(req *request, p permission) error {
	if p == permNone {
		return nil
	}
	c := parseCredentials(req.Request().Header)
	c.Address = req.clientAddr()
	if a.deps.Authenticator == nil {
		return a.acceptAnonymous(req, c)
	}
	var err error
	req.user, err = a.deps.Authenticator.Authenticate(req.Request().Context(), c)
	switch {
	case err != nil:
		req.logUnauthorized(err, a.deps.Authenticator.Challenge(c))
		return err
	case !req.user.allowed(p):
		req.logger().Error().Msg("Failing with 403 for insufficient scope")
		req.challenge("Bearer", `, error="insufficient_scope"`)
		return errMissingScope
	}
	return nil
}

// acceptAnonymous authorizes a client while authentication is off. It ignores a password with a
// colon, because TabPy does not recognize one.
func (a *API) acceptAnonymous(req *request, c Credentials) error {
	if !strings.EqualFold(c.Scheme, "basic") || !c.WellFormed || strings.Contains(c.Password, ":") {
		return nil
	}
	req.user = User{Name: c.Name} // for the log only, hence without an account
	req.logger().Error().Msg("Failing with 406 for Not Acceptable")
	req.challenge("Basic", "")
	return errUnexpectedCredentials
}

// logUnauthorized logs the reason for an UnauthorizedError in TabPy's words and sets the challenge.
// The client does not get the reason, which would disclose the names that exist.
func (req *request) logUnauthorized(err error, scheme string) {
	if unauthorized, ok := errors.AsType[*UnauthorizedError](err); ok {
		req.logger().Error().Msg(sanitize(unauthorized.Error(), maxLoggedText))
		req.logger().Error().Msg("Failing with 401 for unauthorized request")
		req.challenge(scheme, "")
	}
}

// challenge sets the WWW-Authenticate header, with more parameters appended.
func (req *request) challenge(scheme, more string) {
	req.Response().Header().Set("Www-Authenticate", scheme+` realm="`+quoteRealm(req.api.cfg.Service.Name)+`"`+more)
}

// allowed reports whether u has the permission that a route requires. Every user may read.
func (u User) allowed(required permission) bool {
	switch required {
	case permQuery:
		return u.Query
	case permEvaluate:
		return u.Evaluate
	case permDeploy:
		return u.Deploy
	}
	return true
}

var realmQuoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoteRealm(name string) string { return realmQuoter.Replace(name) }
