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

// reloadTime is how often the password file is looked at; a change is in force after two looks.
const reloadTime = time.Second / 2

// authenticator lets httpapi ask authn who a client is.
type authenticator struct {
	authority authn.Authenticator
	methods   httpapi.AuthMethods
	tokens    *authn.Tokens // nil: OAuth is off
	log       *zerolog.Logger
	file      string // of passwords
}

// openAuthenticator reads what authentication needs; nil when none is on. As in TabPy, bearer
// tokens come first.
func openAuthenticator(s settings.Settings, log *zerolog.Logger) (*authenticator, error) {
	if !s.OAuth.Enabled && s.Auth.PasswordFile == "" {
		return nil, nil
	}
	g := &authenticator{log: log, file: s.Auth.PasswordFile}
	if s.OAuth.Enabled {
		if err := g.openTokens(s.OAuth); err != nil {
			return nil, err
		}
	}
	if g.file != "" {
		if err := g.openPasswords(); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

func (g *authenticator) openTokens(o settings.OAuth) error {
	var err error
	g.tokens, err = authn.NewTokens(authn.TokenConfig{
		Issuer: o.Issuer, JWKSURI: o.JWKSURI, Audience: o.Audience, RequiredScopes: o.RequiredScopes, AllowNonPublicJWKS: o.AllowNonPublicJWKS,
		KeySetFile: o.KeySetFile,
	}, g.log)
	if err != nil {
		return err
	}
	scopes := authn.EndpointScopes{Enforced: o.EnforceEndpointScopes, Query: o.QueryScope, Evaluate: o.EvaluateScope, Deploy: o.DeployScope}
	g.authority.Tokens, g.authority.Scopes, g.authority.LogUser = g.tokens, scopes, o.LogUser
	g.methods.OAuth = &httpapi.OAuthMethod{RequiredScopes: g.tokens.RequiredScopes(), EndpointScopes: scopes.Names(), Enforced: scopes.Enforced}
	return nil
}

func (g *authenticator) openPasswords() error {
	var err error
	if g.authority.Passwords, err = authn.OpenPasswords(g.file); err != nil {
		return err
	}
	g.methods.Basic = true
	g.warn()
	return nil
}

// warn says what an administrator should know about the password file, which is in force
// nevertheless.
func (g *authenticator) warn() {
	for _, warning := range g.authority.Passwords.Warnings() {
		g.log.Warn().Msgf("passwords file %s: %s", g.file, warning)
	}
	if exposed := authn.Exposure(g.file); exposed != "" {
		g.log.Warn().Msgf("passwords file %s: %s; let nobody but its owner (chmod 600)", g.file, exposed)
	}
}

// watch puts changes of the password file in force until ctx is done. There need be no gate.
func (g *authenticator) watch(ctx context.Context) {
	if g == nil || g.authority.Passwords == nil {
		return
	}
	g.authority.Passwords.Watch(ctx, reloadTime, func(err error) {
		if err != nil {
			g.log.Warn().Msg(err.Error())
			return
		}
		g.log.Info().Msgf("Parsing passwords file %s...", g.file)
		g.warn()
	})
}

// Close ends what fetches keys. There need be no gate.
func (g *authenticator) Close() {
	if g != nil && g.tokens != nil {
		g.tokens.Close()
	}
}

func (g *authenticator) Methods() httpapi.AuthMethods { return g.methods }

func (g *authenticator) Challenge(c httpapi.Credentials) string { return g.authority.Method(c.Scheme) }

func (g *authenticator) Authenticate(ctx context.Context, c httpapi.Credentials) (httpapi.User, error) {
	person, err := g.authority.Authenticate(ctx, authn.Credentials(c))
	throttled, busy := errors.AsType[*authn.ThrottledError](err)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		err = ctx.Err()
	case busy:
		err = &httpapi.ThrottledError{Reason: throttled.Error(), RetryAfter: throttled.RetryAfter}
	default:
		err = &httpapi.UnauthorizedError{Reason: err.Error()}
	}
	return httpapi.User(person), err
}

// CheckFiles reads the files that TLS and authentication need, as a start would. It logs what is
// doubtful in them.
func CheckFiles(s settings.Settings, log zerolog.Logger) error {
	_, tlsErr := certs.ServerConfig(s.TLS, log)
	s.OAuth.Enabled = s.OAuth.Enabled && s.OAuth.KeySetFile != ""
	gate, gateErr := openAuthenticator(s, &log)
	gate.Close()
	return errors.Join(tlsErr, gateErr)
}
