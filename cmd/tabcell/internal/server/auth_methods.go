package server

import (
	"context"

	"tabcell/authn"
	"tabcell/httpapi"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// authMethods are the authentication methods of one configuration.
type authMethods struct {
	auth      settings.Auth
	oauth     settings.OAuth
	authority authn.Authenticator
	methods   httpapi.AuthMethods
	tokens    *authn.Tokens   // nil if OAuth is disabled
	roles     *authn.RoleFile // nil if there is none
}

// opener opens authentication methods.
type opener struct {
	*authMethods
	previous *authMethods // the methods in use, which are kept if their settings are the same; or nil
	keys     *keyProcess  // nil if this process fetches key sets
	log      *zerolog.Logger
	commits  []func() // put what was read again in effect
}

// openMethods opens the configured methods. As in TabPy, bearer tokens come first. Methods that
// previous has with the same settings are kept, and their files are read again: that takes effect
// when commit is called.
func openMethods(s settings.Settings, previous *authMethods, keys *keyProcess, log *zerolog.Logger) (m *authMethods, commit func(), err error) {
	o := &opener{&authMethods{auth: s.Auth, oauth: s.OAuth}, previous, keys, log, nil}
	for _, open := range []func() error{o.openRoles, o.openTokens, o.openPasswords, func() error { return o.openClientCerts(s.TLS) }} {
		if err := open(); err != nil {
			o.closeUnless(previous)
			return nil, nil, err
		}
	}
	return o.authMethods, func() {
		for _, commit := range o.commits {
			commit()
		}
	}, nil
}

// keep reads the file of a method again that is kept.
func (o *opener) keep(prepare func() (func(), error)) error {
	commit, err := prepare()
	if err == nil {
		o.commits = append(o.commits, commit)
	}
	return err
}

func (o *opener) openTokens() (err error) {
	if !o.oauth.Enabled {
		return nil
	}
	if o.previous != nil && o.previous.oauth == o.oauth {
		o.tokens = o.previous.tokens
		err = o.keep(o.tokens.Prepare)
	} else {
		var get func(context.Context) ([]byte, error)
		if get, err = o.keys.getter(o.oauth); err != nil {
			return err
		}
		o.tokens, err = authn.NewTokens(authn.TokenConfig{
			Issuer: o.oauth.Issuer, JWKSURI: o.oauth.JWKSURI, Audience: o.oauth.Audience, RequiredScopes: o.oauth.RequiredScopes,
			AllowNonPublicJWKS: o.oauth.AllowNonPublicJWKS, KeySetFile: o.oauth.KeySetFile, Get: get,
		}, o.log)
	}
	if err != nil {
		return err
	}
	scopes := authn.EndpointScopes{
		Enforced: o.oauth.EnforceEndpointScopes, Query: o.oauth.QueryScope, Evaluate: o.oauth.EvaluateScope, Deploy: o.oauth.DeployScope,
	}
	o.authority.Tokens, o.authority.Scopes, o.authority.LogUser = o.tokens, scopes, o.oauth.LogUser
	o.methods.OAuth = &httpapi.OAuthMethod{RequiredScopes: o.tokens.RequiredScopes(), EndpointScopes: scopes.Names(), Enforced: scopes.Enforced}
	return nil
}

// openPasswords keeps the password file, with the counts of failed logins, unless its path or the
// memory limit has changed.
func (o *opener) openPasswords() (err error) {
	if o.auth.PasswordFile == "" {
		return nil
	}
	o.methods.Basic = true
	if p := o.previous; p != nil && p.auth.PasswordFile == o.auth.PasswordFile && p.auth.MemoryMB == o.auth.MemoryMB {
		o.authority.Passwords = p.authority.Passwords
		return o.keep(o.authority.Passwords.Prepare)
	}
	o.authority.Passwords, err = authn.OpenPasswords(o.auth.PasswordFile, int64(o.auth.MemoryMB)<<20)
	return err
}

// openClientCerts opens the mapping of client certificates to accounts. Without a file, the common
// name is the account. If there is a password file, it must have that account.
func (o *opener) openClientCerts(t settings.TLS) (err error) {
	if t.ClientCA == "" {
		return nil
	}
	o.methods.ClientCertificate = true
	switch {
	case t.ClientCertMap != "":
		o.authority.ClientCerts, err = authn.OpenClientCerts(t.ClientCertMap)
	case o.authority.Passwords != nil:
		o.authority.ClientCerts = authn.ByCommonName(o.authority.Passwords.Has)
	default:
		o.authority.ClientCerts = authn.ByCommonName(nil)
	}
	return err
}

// warn logs problems with the password file, which is nevertheless used.
func (m *authMethods) warn(log *zerolog.Logger) {
	if m.authority.Passwords == nil {
		return
	}
	for _, warning := range m.authority.Passwords.Warnings() {
		log.Warn().Msgf("passwords file %s: %s", m.auth.PasswordFile, warning)
	}
	if exposed := authn.Exposure(m.auth.PasswordFile); exposed != "" {
		log.Warn().Msgf("passwords file %s: %s; run chmod 600 to restrict it to its owner", m.auth.PasswordFile, exposed)
	}
}

// closeUnless stops the fetching of keys, unless other, which may be nil, uses the same keys.
func (m *authMethods) closeUnless(other *authMethods) {
	if m.tokens != nil && (other == nil || other.tokens != m.tokens) {
		m.tokens.Close()
	}
}
