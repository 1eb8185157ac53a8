package cli

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/httpapi"
	"tabcell/runtime/registry"
)

// A folder that a server has open is changed through that server, and can be read directly.
func TestEndpointCommandsUseServerOfLockedFolder(t *testing.T) {
	s := newEndpointTest(t)
	s.openServer(nil)
	s.environ = append(s.environ, "TABPY_PORT=1", "TABPY_TRANSFER_PROTOCOL=http") // not those of the server
	s.expect(0, `(?s)^Successfully deployed add \(version 1\)\ntabcell: a server has .* open; sending the request to http://127.0.0.1:\d+\n$`, "endpoint", "deploy", s.file("add.py", "add"))
	s.expect(0, `add +1 +model`, "endpoint", "list")
	s.environ = append(s.environ, "TABCELL_URL=http://127.0.0.1:1")
	s.expect(1, `the request to the server failed`, "endpoint", "list")
	s.expect(1, `is not a valid server URL`, "endpoint", "list", "--url", "localhost:9004")
	s.expect(1, `is not a valid server URL`, "endpoint", "list", "--url", "http://user:pass@localhost")
}

// A folder that is locked, but whose server cannot be reached, is an error that says what to do.
func TestEndpointCommandsOfUnreachableServer(t *testing.T) {
	s := newEndpointTest(t)
	models, err := registry.Open(s.dir, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close()
	add := s.file("add.py", "add")
	s.expect(1, `is in use, and its server cannot be found: .* name a running server with --url`, "endpoint", "deploy", add)

	if err := models.Announce(registry.Server{URL: "http://127.0.0.1:1", PID: 7, Host: "there"}); err != nil {
		t.Fatal(err)
	}
	s.expect(1, `if it is reached at another address, name that with --url \(process 7 on there, started .* has .* open\)`, "endpoint", "deploy", add)

	issued := certtest.Issue(t, "self-signed", nil, certtest.ForHosts("tabpy.example"))
	server := serveTLS(issued)
	defer server.Close()
	if err := models.Announce(registry.Server{URL: server.URL, Certificate: "/no/file"}); err != nil {
		t.Fatal(err)
	}
	s.expect(1, `name the server's certificate with --cacert FILE`, "endpoint", "remove", "add")
	if err := models.Announce(registry.Server{URL: server.URL, Certificate: s.file("server.crt", issued.CertPEM())}); err != nil {
		t.Fatal(err)
	}
	s.expect(0, `(?s)^add was removed\n.*sending the request to https://`, "endpoint", "remove", "add")
	s.expect(1, `the server does not use TLS: use a URL that begins with http://`, "endpoint", "list", "--url", "https"+strings.TrimPrefix(s.plainServer(), "http"))
}

// plainServer starts a server without TLS and returns its URL.
func (s *endpointTest) plainServer() string {
	server := httptest.NewServer(http.NotFoundHandler())
	s.t.Cleanup(server.Close)
	return server.URL
}

// serveTLS starts a server with a certificate that responds with an empty object.
func serveTLS(c *certtest.Issued) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{c.Cert.Raw}, PrivateKey: c.Key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return server
}

// fakeAuthenticator accepts one user.
type fakeAuthenticator struct{}

func (fakeAuthenticator) Authenticate(_ context.Context, c httpapi.Credentials) (httpapi.User, error) {
	if c.Name == "ann" && c.Password == "P@ss:word" || c.Token == "tok" {
		return httpapi.User{Name: "ann", Roles: httpapi.DefaultRoles, Scopes: httpapi.AllRoles}, nil
	}
	return httpapi.User{}, &httpapi.UnauthorizedError{Reason: "no"}
}
func (fakeAuthenticator) Challenge(httpapi.Credentials) string { return "Basic" }
func (fakeAuthenticator) Methods() httpapi.AuthMethods         { return httpapi.AuthMethods{Basic: true} }

// Credentials come from the environment or from stdin. The password is never printed.
func TestEndpointSignIn(t *testing.T) {
	s := newEndpointTest(t)
	list := []string{"endpoint", "list", "--json", "--url", s.openServer(fakeAuthenticator{})}
	plain := s.environ
	for _, c := range []struct {
		environ []string
		stdin   string
		code    int
		args    []string
	}{
		{nil, "ann\nP@ss:word\n", 0, nil},
		{nil, "ann\r\nP@ss:word", 0, nil},
		{nil, "P@ss:word\n", 0, []string{"--user", "ann"}},
		{[]string{"TABCELL_CLIENT_USER=ann"}, "P@ss:word\n", 0, nil},
		{[]string{"TABCELL_CLIENT_USER=ann", "TABCELL_CLIENT_PASSWORD=P@ss:word"}, "", 0, nil},
		{[]string{"TABCELL_CLIENT_TOKEN=tok"}, "", 0, nil},
		{[]string{"TABCELL_CLIENT_TOKEN=other"}, "ann\nP@ss:word\n", 1, nil},
		{nil, "ann\nwrong\n", 1, nil},
		{nil, "", 1, nil},
	} {
		s.environ, s.stdin = append(plain, c.environ...), c.stdin
		code, stdout, stderr := s.run(append(list, c.args...)...)
		if code != c.code || strings.Contains(stdout+stderr, "P@ss") || code != 0 && stderr == "" {
			t.Errorf("%v %q: exit code %d\n%s%s", c.environ, c.stdin, code, stdout, stderr)
		}
	}
}

// countingAuthenticator counts the authenticated requests.
type countingAuthenticator struct {
	fakeAuthenticator
	requests atomic.Int64
}

func (d *countingAuthenticator) Authenticate(ctx context.Context, c httpapi.Credentials) (httpapi.User, error) {
	d.requests.Add(1)
	return d.fakeAuthenticator.Authenticate(ctx, c)
}

// A refused password is sent only once, because servers throttle clients that guess passwords.
func TestEndpointSendsRefusedPasswordOnce(t *testing.T) {
	s, auth := newEndpointTest(t), &countingAuthenticator{}
	s.environ = append(s.environ, "TABCELL_CLIENT_USER=ann", "TABCELL_CLIENT_PASSWORD=wrong")
	s.expect(1, "", "endpoint", "list", "--url", s.openServer(auth))
	if n := auth.requests.Load(); n != 1 {
		t.Errorf("the password was sent %d times", n)
	}
}

// The certificate in the file of --cacert is trusted for any host. A certificate that it signed
// must be valid for the host.
func TestEndpointTrust(t *testing.T) {
	root := certtest.Authority(t, "root", nil)
	elsewhere, here := certtest.Issue(t, "elsewhere", root, certtest.ForHosts("tabpy.example")), certtest.Issue(t, "here", root, certtest.ForHosts("127.0.0.1"))
	other := certtest.Issue(t, "other", nil, certtest.ForHosts("127.0.0.1"))
	for name, c := range map[string]struct {
		file   string
		serves *certtest.Issued
		err    string
	}{
		"the certificate itself, for another host": {elsewhere.CertPEM(), elsewhere, ""},
		"its chain":                        {certtest.ChainPEM(elsewhere, root), elsewhere, ""},
		"signed for this host":             {root.CertPEM(), here, ""},
		"signed for another host":          {root.CertPEM(), elsewhere, "cannot validate certificate for 127.0.0.1"},
		"another certificate of the chain": {certtest.ChainPEM(here, root), elsewhere, "cannot validate certificate for 127.0.0.1"},
		"another authority":                {root.CertPEM(), other, "unknown authority"},
		"no certificate":                   {"", here, "no certificate found"},
	} {
		server := serveTLS(c.serves)
		s := newEndpointTest(t)
		code, _, stderr := s.run("endpoint", "list", "--url", server.URL, "--cacert", s.file("ca.pem", c.file))
		if (code == 0) != (c.err == "") || !strings.Contains(stderr, c.err) {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
		server.Close()
	}
}

// Control characters in the responses of a server are escaped or removed.
func TestEndpointEscapesServerText(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/endpoints" && r.URL.Path != "/status" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message": "no\u001b[2J", "info": "\u202ex"}`))
			return
		}
		_, _ = w.Write([]byte(`{"a\u001b[2J": {"type": "b\u009b2J", "target": "c\u202e", "status": "d\u001b[0m", "description": "e\u001b[0m"}}`))
	}))
	defer server.Close()
	s := newEndpointTest(t)
	for _, verb := range [][]string{{"list"}, {"show", "x"}} {
		_, stdout, stderr := s.run(append(append([]string{"endpoint"}, verb...), "--url", server.URL)...)
		if out := stdout + stderr; out == "" || strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && term.Hidden(r) }) {
			t.Errorf("%s: %q", verb, out)
		}
	}
}
