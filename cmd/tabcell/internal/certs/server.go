// Package certs loads the server's certificate and private key, and the authorities whose
// certificates clients may present. It reloads the certificate and key when their files are
// replaced, so that a renewed certificate needs no restart, and everything on demand.
package certs

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"tabcell/settings"

	"github.com/rs/zerolog"
)

// tlsVersions has the minimum versions that the settings permit.
var tlsVersions = map[string]uint16{"TLSv1_2": tls.VersionTLS12, "TLSv1_3": tls.VersionTLS13}

// Server is the TLS configuration of a running server. It can be replaced while the server accepts
// connections. Its methods are safe for concurrent use.
type Server struct {
	log     zerolog.Logger
	current atomic.Pointer[configuration]
}

// configuration is a TLS configuration that was in effect at some time.
type configuration struct {
	tls         *tls.Config
	authorities []*x509.Certificate // whose certificates clients may present; nil if none
}

// Open returns the TLS configuration of the server, or nil if the server uses plain HTTP. Errors
// are in TabPy's form.
func Open(t settings.TLS, log zerolog.Logger) (*Server, error) {
	if t.Protocol != "https" {
		return nil, nil
	}
	s := &Server{log: log}
	apply, err := s.Prepare(t)
	if err != nil {
		return nil, err
	}
	apply()
	return s, nil
}

// Expiry returns the time at which the certificate in use expires, or an issuer's in its chain, if
// that is earlier. It reads replaced files as a handshake does.
func (s *Server) Expiry() time.Time {
	pair, err := s.current.Load().tls.GetCertificate(nil)
	if err != nil {
		return time.Time{}
	}
	expiry := pair.Leaf.NotAfter
	for _, der := range pair.Certificate[1:] {
		if issuer, err := x509.ParseCertificate(der); err == nil && issuer.NotAfter.Before(expiry) {
			expiry = issuer.NotAfter
		}
	}
	return expiry
}

// Certificates returns the chain in use, the server's own certificate first, and the authorities
// whose certificates clients may present. It reads replaced files as a handshake does.
func (s *Server) Certificates() (chain, authorities []*x509.Certificate, err error) {
	current := s.current.Load()
	pair, err := current.tls.GetCertificate(nil)
	if err != nil {
		return nil, nil, err
	}
	for _, der := range pair.Certificate {
		if c, err := x509.ParseCertificate(der); err == nil {
			chain = append(chain, c)
		}
	}
	return chain, current.authorities, nil
}

// Config returns the configuration for a listener, which follows the changes of s. It returns nil
// if s is nil.
func (s *Server) Config() *tls.Config {
	if s == nil {
		return nil
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.current.Load().tls, nil },
	}
}

// Prepare reads the files of changed settings. They take effect for new connections when apply is
// called.
func (s *Server) Prepare(t settings.TLS) (apply func(), err error) {
	next, err := s.load(t)
	if err != nil {
		//lint:ignore ST1005 TabPy's text
		return nil, fmt.Errorf("Error using HTTPS: %w", err)
	}
	return func() { s.current.Store(next) }, nil
}

func (s *Server) load(t settings.TLS) (*configuration, error) {
	pair, err := newReloader(Files{t.Certificate, t.Key}, s.log)
	if err != nil {
		return nil, err
	}
	next := &configuration{tls: &tls.Config{
		MinVersion:     tlsVersions[t.Minimum],
		GetCertificate: pair.get,
		NextProtos:     []string{"h2", "http/1.1"}, // net/http sets them in the listener's configuration only
	}}
	if t.ClientCA == "" {
		return next, nil
	}
	if next.authorities, err = ReadAuthorities(t.ClientCA); err != nil {
		return nil, err
	}
	next.requestCertificates(t.ClientCert == "required")
	return next, nil
}

// requestCertificates makes the server ask clients for a certificate of the authorities.
func (c *configuration) requestCertificates(required bool) {
	c.tls.ClientAuth = tls.VerifyClientCertIfGiven
	if required {
		c.tls.ClientAuth = tls.RequireAndVerifyClientCert
	}
	c.tls.ClientCAs = x509.NewCertPool()
	for _, authority := range c.authorities {
		c.tls.ClientCAs.AddCert(authority)
	}
	// A resumed session would keep a certificate that a full handshake no longer accepts.
	c.tls.SessionTicketsDisabled = true
}

// Accepts reports whether one of the chains, which a handshake has verified, is still valid at the
// given time and ends with an authority that is still configured. A connection can last longer than
// either. It reports false if s is nil.
func (s *Server) Accepts(chains [][]*x509.Certificate, now time.Time) bool {
	if s == nil {
		return false
	}
	authorities := s.current.Load().authorities
	return slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool {
		expired := slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return now.Before(c.NotBefore) || now.After(c.NotAfter) })
		return len(chain) > 0 && !expired && slices.ContainsFunc(authorities, chain[len(chain)-1].Equal)
	})
}
