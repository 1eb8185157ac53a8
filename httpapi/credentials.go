package httpapi

import (
	"errors"
	"strings"
)

// permit decides whether a client may use a route, and sets the exchange's person. Without a gate everybody may; but one that sends a name and a
// password is told that nobody looked at them, as TabPy does, rather than left to believe that the server is protected.
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

// permitAll: a password with a colon is none in TabPy, which passes over it.
func (a *API) acceptAnonymous(req *request, c Credentials) error {
	if !strings.EqualFold(c.Scheme, "basic") || !c.WellFormed || strings.Contains(c.Password, ":") {
		return nil
	}
	req.user = User{Name: c.Name} // a claim, for the log: no account
	req.logger().Error().Msg("Failing with 406 for Not Acceptable")
	req.challenge("Basic", "")
	return errUnexpectedCredentials
}

// refuse logs why a client is not let in, in TabPy's sentences, and names the method by which it could be. The client hears no reasons: they would
// tell which names exist.
func (req *request) logUnauthorized(err error, method string) {
	if unauthorized, ok := errors.AsType[*UnauthorizedError](err); ok {
		req.logger().Error().Msg(sanitize(unauthorized.Error(), maxLoggedText))
		req.logger().Error().Msg("Failing with 401 for unauthorized request")
		req.challenge(method, "")
	}
}

func (req *request) challenge(method, more string) {
	req.Response().Header().Set("Www-Authenticate", method+` realm="`+quoteRealm(req.api.cfg.Service.Name)+`"`+more)
}

// may tells whether a person is allowed what a route needs. Everybody who is known may read.
func (p User) allowed(needed permission) bool {
	switch needed {
	case permQuery:
		return p.Query
	case permEvaluate:
		return p.Evaluate
	case permDeploy:
		return p.Deploy
	}
	return true
}

var realmQuoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoteRealm(name string) string { return realmQuoter.Replace(name) }
