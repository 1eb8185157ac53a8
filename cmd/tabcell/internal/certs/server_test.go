package certs

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// httpsSettings returns settings with a new certificate of the given common name.
func httpsSettings(t *testing.T, name string) settings.TLS {
	t.Helper()
	files := newFiles(certtest.Issue(t, name, nil, nil).WriteFiles(t, t.TempDir()))
	return settings.TLS{Protocol: "https", Certificate: files.Certificate, Key: files.Key, Minimum: "TLSv1_2", ClientCert: "required"}
}

// withAuthority adds a file with certificates of authorities to the settings.
func withAuthority(t *testing.T, s settings.TLS, authorities ...*certtest.Issued) settings.TLS {
	t.Helper()
	s.ClientCA = filepath.Join(t.TempDir(), "ca.pem")
	text := ""
	for _, a := range authorities {
		text += a.CertPEM()
	}
	testenv.WriteFile(t, s.ClientCA, text)
	return s
}

func open(t *testing.T, s settings.TLS) *Server {
	t.Helper()
	server, err := Open(s, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// clientOf issues a client certificate.
func clientOf(t *testing.T, authority *certtest.Issued, change func(*x509.Certificate)) *certtest.Issued {
	t.Helper()
	return certtest.Issue(t, "ann", authority, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		if change != nil {
			change(c)
		}
	})
}

// connect performs a handshake and returns the server's view of the connection. client may be nil.
func connect(t *testing.T, s *Server, config *tls.Config, client *certtest.Issued) (tls.ConnectionState, error) {
	t.Helper()
	config = config.Clone()
	config.InsecureSkipVerify = true
	if client != nil {
		pair := tls.Certificate{Certificate: [][]byte{client.Cert.Raw}, PrivateKey: client.Key}
		// Certificates would not be sent to a server that names other authorities.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	near, far := net.Pipe()
	defer near.Close()
	go func() {
		conn := tls.Client(far, config)
		_ = conn.Handshake()
		_, _ = conn.Read(make([]byte, 1)) // receives the session ticket or the alert
		_ = far.Close()
	}()
	conn := tls.Server(near, s.Config())
	err := conn.Handshake()
	return conn.ConnectionState(), err
}

func TestOpen(t *testing.T) {
	if s, err := Open(settings.TLS{Protocol: "http"}, zerolog.Nop()); s != nil || err != nil || s.Config() != nil {
		t.Errorf("http: got %v, %v", s, err)
	}
	c := httpsSettings(t, "x")
	for name, version := range map[string]uint16{"TLSv1_2": tls.VersionTLS12, "TLSv1_3": tls.VersionTLS13} {
		c.Minimum = name
		_, err := connect(t, open(t, c), &tls.Config{MaxVersion: tls.VersionTLS12}, nil)
		if (err == nil) != (version == tls.VersionTLS12) {
			t.Errorf("TLS 1.2 at a minimum of %s: error %v", name, err)
		}
	}
	state, err := connect(t, open(t, c), &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, nil)
	if err != nil || state.NegotiatedProtocol != "h2" || len(state.PeerCertificates) > 0 {
		t.Errorf("protocol %q, error %v", state.NegotiatedProtocol, err)
	}
	c.Certificate = c.Key
	if _, err := Open(c, zerolog.Nop()); err == nil || !strings.HasPrefix(err.Error(), "Error using HTTPS: ") {
		t.Errorf("no certificate: got error %v", err)
	}
}

// TestClientCertificates checks which certificates each mode accepts.
func TestClientCertificates(t *testing.T) {
	authority, other := certtest.Authority(t, "clients", nil), certtest.Authority(t, "other", nil)
	between := certtest.Authority(t, "between", authority)
	expired := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	forServers := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	both := withAuthority(t, httpsSettings(t, "server"), authority, between)
	for _, c := range []struct {
		name               string
		client             *certtest.Issued
		required, optional bool
	}{
		{"none", nil, false, true},
		{"of the authority", clientOf(t, authority, nil), true, true},
		{"of an intermediate authority in the file", clientOf(t, between, nil), true, true},
		{"of another authority", clientOf(t, other, nil), false, false},
		{"expired", clientOf(t, authority, expired), false, false},
		{"for servers", clientOf(t, authority, forServers), false, false},
		{"self-signed", clientOf(t, nil, nil), false, false},
	} {
		for mode, want := range map[string]bool{"required": c.required, "optional": c.optional} {
			both.ClientCert = mode
			s := open(t, both)
			state, err := connect(t, s, &tls.Config{}, c.client)
			if (err == nil) != want {
				t.Errorf("%s, %s: error %v, want accepted %v", c.name, mode, err, want)
			}
			if err == nil && s.Accepts(state.VerifiedChains, time.Now()) != (c.client != nil) {
				t.Errorf("%s, %s: the chains %v are not judged by the authorities", c.name, mode, state.VerifiedChains)
			}
		}
	}
}

// TestAuthoritiesChange checks that a certificate of an authority that was removed is refused in
// new connections, also in resumed ones, and no longer accepted in old ones.
func TestAuthoritiesChange(t *testing.T) {
	first, second := certtest.Authority(t, "first", nil), certtest.Authority(t, "second", nil)
	c := withAuthority(t, httpsSettings(t, "server"), first)
	s := open(t, c)
	resuming := &tls.Config{ServerName: "server", ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	client := clientOf(t, first, nil)
	state, err := connect(t, s, resuming, client)
	if err != nil || !s.Accepts(state.VerifiedChains, time.Now()) {
		t.Fatalf("error %v", err)
	}
	apply, err := s.Prepare(withAuthority(t, c, second))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Accepts(state.VerifiedChains, time.Now()) {
		t.Error("the change took effect before it was applied")
	}
	apply()
	if s.Accepts(state.VerifiedChains, time.Now()) {
		t.Error("a connection of a removed authority is still accepted")
	}
	if _, err := connect(t, s, resuming, client); err == nil {
		t.Error("a new connection of a removed authority was accepted")
	}
	if _, err := connect(t, s, resuming, clientOf(t, second, nil)); err != nil {
		t.Errorf("the new authority: %v", err)
	}
	for file, want := range map[string]string{
		filepath.Join(t.TempDir(), "none.pem"): "none.pem",
		c.Certificate:                          "is not one of a certificate authority",
		c.Key:                                  "no certificate found",
	} {
		c.ClientCA = file
		if _, err := s.Prepare(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", file, err, want)
		}
	}
}

// TestAccepts checks that a chain must be valid at the time of the request.
func TestAccepts(t *testing.T) {
	authority := certtest.Authority(t, "clients", nil)
	s := open(t, withAuthority(t, httpsSettings(t, "server"), authority))
	leaf := clientOf(t, authority, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(time.Hour) })
	chains := [][]*x509.Certificate{{leaf.Cert, authority.Cert}}
	for offset, want := range map[time.Duration]bool{0: true, 2 * time.Hour: false, -2 * time.Hour: false} {
		if got := s.Accepts(chains, time.Now().Add(offset)); got != want {
			t.Errorf("after %v: %v", offset, got)
		}
	}
	if s.Accepts(nil, time.Now()) || s.Accepts([][]*x509.Certificate{{}}, time.Now()) || (*Server)(nil).Accepts(chains, time.Now()) {
		t.Error("a missing chain was accepted")
	}
	if chains = slices.Insert(chains, 0, []*x509.Certificate{leaf.Cert}); !s.Accepts(chains, time.Now()) {
		t.Error("the second chain is valid, but was not accepted")
	}
}

// TestCertificateChange checks that new settings replace the certificate at once.
func TestCertificateChange(t *testing.T) {
	s := open(t, httpsSettings(t, "first"))
	apply, err := s.Prepare(httpsSettings(t, "second"))
	if err != nil {
		t.Fatal(err)
	}
	name := func() string {
		pair, err := s.current.Load().tls.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.Subject.CommonName
	}
	if got := name(); got != "first" {
		t.Errorf("before: %s", got)
	}
	apply()
	if got := name(); got != "second" {
		t.Errorf("after: %s", got)
	}
}

func TestExpiry(t *testing.T) {
	certificate, key := certtest.Issue(t, "server", nil, nil).WriteFiles(t, t.TempDir())
	s, err := Open(settings.TLS{Protocol: "https", Minimum: "TLSv1_2", Certificate: certificate, Key: key}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	chain, err := ReadChain(certificate)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Expiry(); !got.Equal(chain[0].NotAfter) {
		t.Errorf("got %v, want %v", got, chain[0].NotAfter)
	}
}
