package httpapi

import (
	"errors"
	"strings"
)

// permit decides whether a client may use a route, and sets the exchange's person. Without a gate everybody may; but one that sends a name and a
// password is told that nobody looked at them, as TabPy does, rather than left to believe that the server is protected.
func (a *API) permit(x *exchange, p permission) error {
	if p == open {
		return nil
	}
	c := credentialsOf(x.Request().Header)
	c.Address = x.source()
	if a.deps.Authenticator == nil {
		return a.permitAll(x, c)
	}
	var err error
	x.user, err = a.deps.Authenticator.Authenticate(x.Request().Context(), c)
	switch {
	case err != nil:
		x.refuse(err, a.deps.Authenticator.Challenge(c))
		return err
	case !x.user.may(p):
		x.log().Error().Msg("Failing with 403 for insufficient scope")
		x.challenge("Bearer", `, error="insufficient_scope"`)
		return errScope
	}
	return nil
}

// permitAll: a password with a colon is none in TabPy, which passes over it.
func (a *API) permitAll(x *exchange, c Credentials) error {
	if !strings.EqualFold(c.Scheme, "basic") || !c.WellFormed || strings.Contains(c.Password, ":") {
		return nil
	}
	x.user = User{Name: c.Name} // a claim, for the log: no account
	x.log().Error().Msg("Failing with 406 for Not Acceptable")
	x.challenge("Basic", "")
	return errCredentials
}

// refuse logs why a client is not let in, in TabPy's sentences, and names the method by which it could be. The client hears no reasons: they would
// tell which names exist.
func (x *exchange) refuse(err error, method string) {
	if unauthorized, ok := errors.AsType[*UnauthorizedError](err); ok {
		x.log().Error().Msg(clean(unauthorized.Error(), mostText))
		x.log().Error().Msg("Failing with 401 for unauthorized request")
		x.challenge(method, "")
	}
}

func (x *exchange) challenge(method, more string) {
	x.Response().Header().Set("Www-Authenticate", method+` realm="`+quoteRealm(x.api.cfg.Service.Name)+`"`+more)
}

// may tells whether a person is allowed what a route needs. Everybody who is known may read.
func (p User) may(needed permission) bool {
	switch needed {
	case query:
		return p.Query
	case evaluate:
		return p.Evaluate
	case deploy:
		return p.Deploy
	}
	return true
}

var realmQuoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoteRealm(name string) string { return realmQuoter.Replace(name) }
