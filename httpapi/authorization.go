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
	if state := req.Request().TLS; state != nil {
		c.Chains = state.VerifiedChains
	}
	err := a.identify(req, c)
	if err == nil {
		err = req.user.check(p)
	}
	switch {
	case errors.Is(err, errMissingScope):
		req.logger().Error().Msg("Failing with 403 for insufficient scope")
		req.challenge("Bearer", `, error="insufficient_scope"`)
	case err != nil:
		req.logUnauthorized(err, c)
	}
	return err
}

// identify sets the request's user, and records the sign-in in the audit trail.
func (a *API) identify(req *request, c Credentials) (err error) {
	if a.deps.Authenticator == nil {
		err = a.acceptAnonymous(req, c)
	} else {
		req.user, err = a.deps.Authenticator.Authenticate(req.Request().Context(), c)
	}
	if a.deps.Authenticator != nil || err != nil {
		req.recordSignIn(c, err)
	}
	return err
}

// acceptAnonymous authorizes a client while authentication is off. It ignores a password with a
// colon, because TabPy does not recognize one.
func (a *API) acceptAnonymous(req *request, c Credentials) error {
	req.user = User{Roles: a.cfg.AnonymousRoles, Scopes: AllRoles}
	if !strings.EqualFold(c.Scheme, "basic") || !c.WellFormed || strings.Contains(c.Password, ":") {
		return nil
	}
	req.user = User{Name: c.Name} // for the log only, hence without an account
	req.logger().Error().Msg("Failing with 406 for Not Acceptable")
	req.challenge("Basic", "")
	return errUnexpectedCredentials
}

// logUnauthorized logs the reason for an UnauthorizedError in TabPy's words and sets the challenge.
// The client does not get the reason, which would disclose the names that exist. It also logs the
// reason for a CertificateError, for which there is no challenge.
func (req *request) logUnauthorized(err error, c Credentials) {
	if certificate, ok := errors.AsType[*CertificateError](err); ok {
		req.logger().Error().Msg(sanitize(certificate.Error(), maxLoggedText))
		req.logger().Error().Msg("Failing with 403 for the client certificate")
	}
	if unauthorized, ok := errors.AsType[*UnauthorizedError](err); ok {
		req.logger().Error().Msg(sanitize(unauthorized.Error(), maxLoggedText))
		req.logger().Error().Msg("Failing with 401 for unauthorized request")
		req.challenge(req.api.deps.Authenticator.Challenge(c), "")
	}
}

// challenge sets the WWW-Authenticate header, with more parameters appended.
func (req *request) challenge(scheme, more string) {
	req.Response().Header().Set("Www-Authenticate", scheme+` realm="`+quoteRealm(req.api.cfg.Service.Name)+`"`+more)
}

var realmQuoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoteRealm(name string) string { return realmQuoter.Replace(name) }
