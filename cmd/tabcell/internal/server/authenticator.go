package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/httpapi"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// reloadInterval is the time between two checks of the password and roles files. A change takes
// effect after two checks.
const reloadInterval = time.Second / 2

// authenticator implements httpapi.Authenticator with package authn. Its methods can be replaced
// while the server runs.
type authenticator struct {
	log     *zerolog.Logger
	tls     *certs.Server // nil if the server uses plain HTTP
	keys    *keyProcess   // nil if this process fetches key sets
	current atomic.Pointer[authMethods]
	record  func(httpapi.AuditEvent)
	// released is called with the memory in bytes that a check of a password has used.
	released func(bytes int64)

	ctx  context.Context // of the goroutines that watch files; nil before watch
	stop context.CancelFunc
}

// openAuthenticator opens the configured authentication methods. It returns nil if there are none.
// tls and keys may be nil.
func openAuthenticator(s settings.Settings, tls *certs.Server, keys *keyProcess, log *zerolog.Logger) (*authenticator, error) {
	if !s.Authenticates() {
		return nil, nil
	}
	a := &authenticator{log: log, tls: tls, keys: keys, record: func(httpapi.AuditEvent) {}, released: func(int64) {}}
	apply, _, err := a.prepare(s)
	if err != nil {
		return nil, err
	}
	apply()
	return a, nil
}

// prepare opens the methods of changed settings, and reads their files again. Unless it returns an
// error, the caller must call either apply, which puts them in effect, or discard.
func (a *authenticator) prepare(s settings.Settings) (apply, discard func(), err error) {
	previous := a.current.Load()
	next, commit, err := openMethods(s, previous, a.keys, a.log)
	if err != nil {
		return nil, nil, err
	}
	apply = func() {
		commit()
		a.current.Store(next)
		next.warn(a.log)
		if previous != nil {
			previous.closeUnless(next)
		}
		if a.ctx != nil {
			a.watchFiles()
		}
	}
	return apply, func() { next.closeUnless(previous) }, nil
}

// watch reloads the password and roles files when they change, until ctx is done. released is called
// with the memory in bytes that a check of a password has used. watch does nothing if a is nil.
func (a *authenticator) watch(ctx context.Context, record func(httpapi.AuditEvent), released func(bytes int64)) {
	if a == nil {
		return
	}
	a.ctx, a.record, a.released = ctx, record, released
	a.watchFiles()
}

// watchFiles starts to watch the files of the current methods, and stops watching others.
func (a *authenticator) watchFiles() {
	if a.stop != nil {
		a.stop()
	}
	var ctx context.Context
	ctx, a.stop = context.WithCancel(a.ctx)
	m := a.current.Load()
	if m.authority.Passwords != nil {
		m.authority.Passwords.OnRelease(a.released)
		go m.authority.Passwords.Watch(ctx, reloadInterval, func(err error) { a.reportPasswords(m, err) })
	}
	if m.roles != nil {
		go m.roles.Watch(ctx, reloadInterval, a.reportRoles)
	}
}

func (a *authenticator) reportPasswords(m *authMethods, err error) {
	e := httpapi.AuditEvent{Kind: httpapi.AuditReload, Outcome: httpapi.AuditOK, Reason: "password file"}
	if err != nil {
		a.log.Warn().Msg(err.Error())
		e.Outcome = httpapi.AuditFailed
	} else {
		a.log.Info().Msgf("Parsing passwords file %s...", m.auth.PasswordFile)
		m.warn(a.log)
	}
	a.record(e)
}

// Close stops the fetching of keys. It does nothing if a is nil.
func (a *authenticator) Close() {
	if a != nil {
		a.current.Load().closeUnless(nil)
	}
}

// Methods implements httpapi.Authenticator.
func (a *authenticator) Methods() httpapi.AuthMethods { return a.current.Load().methods }

// Challenge implements httpapi.Authenticator.
func (a *authenticator) Challenge(c httpapi.Credentials) string {
	return a.current.Load().authority.Method(c.Scheme)
}

// errCertificateChanged is the error for a certificate that was valid when its client connected.
var errCertificateChanged = &httpapi.CertificateError{
	Reason: "The client certificate has expired, or its authority is no longer accepted; connect again with another one.",
}

// Authenticate implements httpapi.Authenticator.
func (a *authenticator) Authenticate(ctx context.Context, c httpapi.Credentials) (httpapi.User, error) {
	if len(c.Chains) > 0 && !a.tls.Accepts(c.Chains, time.Now()) {
		return httpapi.User{}, errCertificateChanged
	}
	user, err := a.current.Load().authority.Authenticate(ctx, authn.Credentials(c))
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	} else {
		err = forClient(err)
	}
	return httpapi.User{Name: user.Name, Roles: httpapi.Roles(user.Roles), Scopes: httpapi.Roles(user.Scopes), Account: user.Account}, err
}

// forClient returns an error of package authn as one of package httpapi.
func forClient(err error) error {
	throttled, isThrottled := errors.AsType[*authn.ThrottledError](err)
	certificate, isCertificate := errors.AsType[*authn.CertificateError](err)
	switch {
	case err == nil:
		return nil
	case isThrottled:
		return &httpapi.ThrottledError{Reason: throttled.Error(), RetryAfter: throttled.RetryAfter}
	case isCertificate:
		return &httpapi.CertificateError{Reason: certificate.Error()}
	}
	return &httpapi.UnauthorizedError{Reason: err.Error()}
}

// CheckFiles reads the files for TLS and authentication, as the start of the server does. It logs
// warnings about them. It reads the keys for tokens only if they are in a file.
func CheckFiles(s settings.Settings, log zerolog.Logger) error {
	tls, tlsErr := certs.Open(s.TLS, log)
	s.OAuth.Enabled = s.OAuth.Enabled && s.OAuth.KeySetFile != ""
	auth, authErr := openAuthenticator(s, tls, nil, &log)
	auth.Close()
	return errors.Join(tlsErr, authErr)
}
