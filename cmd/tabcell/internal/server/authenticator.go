package server

import (
	"context"
	"errors"
	"time"

	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/httpapi"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// reloadInterval is the time between two checks of the password file. A change takes effect after
// two checks.
const reloadInterval = time.Second / 2

// authenticator implements httpapi.Authenticator with package authn.
type authenticator struct {
	authority authn.Authenticator
	methods   httpapi.AuthMethods
	tokens    *authn.Tokens // nil if OAuth is disabled
	log       *zerolog.Logger
	memory    int64           // limit of the checks of passwords, in bytes
	file      string          // password file; "" if there is none
	roles     *authn.RoleFile // nil if there is none
}

// openAuthenticator opens the configured authentication methods. It returns nil if there are none.
// As in TabPy, bearer tokens come first.
func openAuthenticator(s settings.Settings, log *zerolog.Logger) (*authenticator, error) {
	if !s.OAuth.Enabled && s.Auth.PasswordFile == "" {
		return nil, nil
	}
	a := &authenticator{log: log, file: s.Auth.PasswordFile, memory: int64(s.Auth.MemoryMB) << 20}
	if err := a.openRoles(s.Auth); err != nil {
		return nil, err
	}
	if s.OAuth.Enabled {
		if err := a.openTokens(s.OAuth); err != nil {
			return nil, err
		}
	}
	if a.file != "" {
		if err := a.openPasswords(); err != nil {
			a.Close()
			return nil, err
		}
	}
	return a, nil
}

func (a *authenticator) openTokens(o settings.OAuth) error {
	var err error
	a.tokens, err = authn.NewTokens(authn.TokenConfig{
		Issuer: o.Issuer, JWKSURI: o.JWKSURI, Audience: o.Audience, RequiredScopes: o.RequiredScopes, AllowNonPublicJWKS: o.AllowNonPublicJWKS,
		KeySetFile: o.KeySetFile,
	}, a.log)
	if err != nil {
		return err
	}
	scopes := authn.EndpointScopes{Enforced: o.EnforceEndpointScopes, Query: o.QueryScope, Evaluate: o.EvaluateScope, Deploy: o.DeployScope}
	a.authority.Tokens, a.authority.Scopes, a.authority.LogUser = a.tokens, scopes, o.LogUser
	a.methods.OAuth = &httpapi.OAuthMethod{RequiredScopes: a.tokens.RequiredScopes(), EndpointScopes: scopes.Names(), Enforced: scopes.Enforced}
	return nil
}

func (a *authenticator) openPasswords() error {
	var err error
	if a.authority.Passwords, err = authn.OpenPasswords(a.file, a.memory); err != nil {
		return err
	}
	a.methods.Basic = true
	a.warn()
	return nil
}

// warn logs problems with the password file, which is nevertheless used.
func (a *authenticator) warn() {
	for _, warning := range a.authority.Passwords.Warnings() {
		a.log.Warn().Msgf("passwords file %s: %s", a.file, warning)
	}
	if exposed := authn.Exposure(a.file); exposed != "" {
		a.log.Warn().Msgf("passwords file %s: %s; run chmod 600 to restrict it to its owner", a.file, exposed)
	}
}

// watch reloads the password file when it changes, until ctx is done. It does nothing if a is nil.
func (a *authenticator) watch(ctx context.Context) {
	if a == nil || a.authority.Passwords == nil {
		return
	}
	a.authority.Passwords.Watch(ctx, reloadInterval, func(err error) {
		if err != nil {
			a.log.Warn().Msg(err.Error())
			return
		}
		a.log.Info().Msgf("Parsing passwords file %s...", a.file)
		a.warn()
	})
}

// Close stops the fetching of keys. It does nothing if a is nil.
func (a *authenticator) Close() {
	if a != nil && a.tokens != nil {
		a.tokens.Close()
	}
}

// Methods implements httpapi.Authenticator.
func (a *authenticator) Methods() httpapi.AuthMethods { return a.methods }

// Challenge implements httpapi.Authenticator.
func (a *authenticator) Challenge(c httpapi.Credentials) string { return a.authority.Method(c.Scheme) }

// Authenticate implements httpapi.Authenticator.
func (a *authenticator) Authenticate(ctx context.Context, c httpapi.Credentials) (httpapi.User, error) {
	user, err := a.authority.Authenticate(ctx, authn.Credentials(c))
	throttled, ok := errors.AsType[*authn.ThrottledError](err)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		err = ctx.Err()
	case ok:
		err = &httpapi.ThrottledError{Reason: throttled.Error(), RetryAfter: throttled.RetryAfter}
	default:
		err = &httpapi.UnauthorizedError{Reason: err.Error()}
	}
	return httpapi.User{Name: user.Name, Roles: httpapi.Roles(user.Roles), Scopes: httpapi.Roles(user.Scopes), Account: user.Account}, err
}

// CheckFiles reads the files for TLS and authentication, as the start of the server does. It logs
// warnings about them. It reads the keys for tokens only if they are in a file.
func CheckFiles(s settings.Settings, log zerolog.Logger) error {
	_, tlsErr := certs.ServerConfig(s.TLS, log)
	s.OAuth.Enabled = s.OAuth.Enabled && s.OAuth.KeySetFile != ""
	auth, authErr := openAuthenticator(s, &log)
	auth.Close()
	return errors.Join(tlsErr, authErr)
}
