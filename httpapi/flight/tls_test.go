package flight

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"
	"tabcell/httpapi/flight/flighttest"
)

// issue returns a certificate of an authority, or an authority if issuer is nil.
func issue(t *testing.T, name string, issuer *tls.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{{127, 0, 0, 1}},
		BasicConstraintsValid: true, IsCA: issuer == nil, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	parent, signer := c, crypto.PrivateKey(key)
	if issuer != nil {
		parent, signer = issuer.Leaf, issuer.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func pool(authority *tls.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(authority.Leaf)
	return p
}

// tlsServer is a server with TLS that asks clients for certificates of one authority.
type tlsServer struct {
	*testServer
	server, clients *tls.Certificate // authorities
}

func newCertificateServer(t *testing.T) tlsServer {
	s := tlsServer{server: issue(t, "server CA", nil), clients: issue(t, "client CA", nil)}
	config := &tls.Config{
		Certificates: []tls.Certificate{*issue(t, "server", s.server)},
		ClientAuth:   tls.VerifyClientCertIfGiven, ClientCAs: pool(s.clients),
	}
	a := &accounts{passwords: map[string]string{"user2": "second"}, roles: httpapi.DefaultRoles}
	s.testServer = newTLSServer(t, config, func(cfg *httpapi.Config, deps *httpapi.Deps) { cfg.Protocol, deps.Authenticator = "https", a })
	return s
}

// as returns a client with a certificate of issuer, or without one if issuer is nil.
func (s tlsServer) as(t *testing.T, name string, issuer *tls.Certificate) flightpb.FlightServiceClient {
	config := &tls.Config{RootCAs: pool(s.server)}
	if issuer != nil {
		own := issue(t, name, issuer)
		// GetClientCertificate sends it even to a server that did not name its issuer.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	return flighttest.Dial(t, s.addr, config)
}

// A client certificate is as good as a password, and the tables belong to its account.
func TestClientCertificates(t *testing.T) {
	s, table := newCertificateServer(t), readTable(t, "in_second.arrow")
	ann, bob := s.as(t, "ann", s.clients), s.as(t, "bob", s.clients)
	if err := put(t.Context(), ann, path("p1"), table); err != nil {
		t.Fatal(err)
	}
	info, err := ann.GetFlightInfo(t.Context(), path("p1"))
	if err != nil || info.Endpoint[0].Location[0].Uri != "grpc+tls://"+s.addr {
		t.Fatalf("got %v, error %v", info, err)
	}
	ticket := string(info.Endpoint[0].Ticket.Ticket)
	_, err = get(t.Context(), bob, ticket)
	wantStatus(t, err, codes.Unknown, "do_get must return")
	_, err = s.as(t, "unknown", s.clients).GetFlightInfo(t.Context(), path("p1"))
	wantStatus(t, err, codes.Unauthenticated, "the certificate of unknown has no account")
	if got, err := get(t.Context(), ann, ticket); err != nil || !equalTables(got, table) {
		t.Errorf("got %d messages, error %v", len(got), err)
	}
}

// Without a certificate of its own, a client needs a password.
func TestTLSWithPassword(t *testing.T) {
	s := newCertificateServer(t)
	client := s.as(t, "", nil)
	_, err := client.GetFlightInfo(t.Context(), path("p1"))
	wantStatus(t, err, codes.Unauthenticated, "No credentials supplied")
	_, err = client.GetFlightInfo(basic(t.Context(), basicHeader("user2", "second")), path("p1"))
	wantStatus(t, err, codes.NotFound, "'Flight not found.'")
}

// Connections end during the handshake if the client does not use TLS, or has a certificate of a
// foreign authority.
func TestTLSRefusals(t *testing.T) {
	s := newCertificateServer(t)
	foreign := s.as(t, "ann", issue(t, "foreign CA", nil))
	for name, client := range map[string]flightpb.FlightServiceClient{"foreign": foreign, "plain": s.client} {
		_, err := client.GetFlightInfo(t.Context(), path("p1"))
		if status.Code(err) != codes.Unavailable {
			t.Errorf("%s: got %v", name, err)
		}
	}
	eventually(t, "no line in the log", func() bool { return len(s.log.String()) > 0 })
}
