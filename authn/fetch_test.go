package authn

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

// discardLog suppresses the log of servers, which complain about clients that behave as intended.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// tlsServer starts a key server on the loopback address and returns it with its certificate.
func tlsServer(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	return server, trusted
}

// newTestFetcher returns a fetcher for the address that trusts only the given certificates.
func newTestFetcher(address string, trusted *x509.CertPool, proxy *url.URL, allowNonPublic bool, out io.Writer) *fetcher {
	logger := zerolog.New(out)
	f := &fetcher{address: address, displayURL: "displayed", client: newClient(proxy, allowNonPublic), log: &logger}
	f.client.Transport.(*http.Transport).TLSClientConfig.RootCAs = trusted
	return f
}

func TestFetch(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	good := keySetJSON("p256", "ed")
	var redirected atomic.Bool
	server, trusted := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/keys":
			if r.Method != http.MethodGet || r.Header.Get("Authorization") != "" || !r.Close {
				w.WriteHeader(http.StatusTeapot)
			}
			_, _ = w.Write(good)
		case "/error":
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write(good)
		case "/created":
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write(good)
		case "/redirect":
			http.Redirect(w, r, "/followed", http.StatusFound)
		case "/followed":
			redirected.Store(true)
			_, _ = w.Write(good)
		case "/text":
			_, _ = io.WriteString(w, "<html>")
		case "/large":
			_, _ = w.Write(append(bytes.Repeat([]byte(" "), maxKeySetSize), good...))
		case "/cut":
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(good)
		case "/headers":
			w.Header().Set("X-Long", strings.Repeat("x", maxHeaderSize))
			_, _ = w.Write(good)
		}
	})
	for path, want := range map[string]string{
		"/keys": "", "/text": "The JWKS endpoint did not return JSON", "/created": `url, err: "HTTP Error 201: Created"`,
		"/error": `Fail to fetch data from the url, err: "HTTP Error 500: Internal Server Error"`, "/redirect": `err: "HTTP Error 302: Found"`,
		"/large": "the key set is larger than the limit of 1024 KiB", "/cut": "unexpected EOF", "/headers": "Fail to fetch data",
	} {
		f := newTestFetcher(server.URL+path+"?secret=1", trusted, nil, true, io.Discard)
		set, err := f.fetch(t.Context())
		switch {
		case want == "" && (err != nil || len(set) != 2):
			t.Errorf("%s: %d keys, %v", path, len(set), err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: %v", path, err)
		}
	}
	if redirected.Load() {
		t.Error("a redirect was followed")
	}
	if _, err := newTestFetcher(server.URL+"/keys", x509.NewCertPool(), nil, true, io.Discard).fetch(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an untrusted certificate: %v", err)
	}
	if _, err := newTestFetcher(strings.Replace(server.URL, "127.0.0.1", "localhost", 1)+"/keys", trusted, nil, true, io.Discard).fetch(t.Context()); err == nil {
		t.Error("a certificate for another host was accepted")
	}
	server.Close()
	if _, err := newTestFetcher(server.URL, trusted, nil, true, io.Discard).fetch(t.Context()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a closed port: %v", err)
	}
}

func TestSkippedKeysAreLogged(t *testing.T) {
	server, trusted := tlsServer(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(mustJSON(object{"keys": []any{signers()["ed"].jwk(), object{"kty": "oct", "kid": "s", "k": "dG9wc2VjcmV0"}}}))
	})
	var log bytes.Buffer
	if _, err := newTestFetcher(server.URL, trusted, nil, true, &log).fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "key 2 's': symmetric keys are not accepted") || strings.Contains(log.String(), "dG9wc2VjcmV0") {
		t.Errorf("logged %s", log.String())
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11}
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	if _, err := newTestFetcher(server.URL, trusted, nil, true, io.Discard).fetch(t.Context()); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("TLS 1.1: %v", err)
	}
}

// TestFetchTimesOut fetches from a server that never responds.
func TestFetchTimesOut(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	canceled := make(chan struct{})
	server, trusted := tlsServer(t, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(canceled)
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := newTestFetcher(server.URL, trusted, nil, true, io.Discard).fetch(ctx); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("a server that never responds: %v", err)
	}
	<-canceled
	server.Close()
}

// TestDNSRebinding fetches from a name that was public when it was checked, but now resolves to the
// loopback address. No connection may reach the server there, by name or by address, IPv4 or IPv6.
func TestDNSRebinding(t *testing.T) {
	for _, listens := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := net.Listen("tcp", listens)
		if err != nil {
			t.Logf("%s is not tested: %v", listens, err) // a host without IPv6
			continue
		}
		var reached atomic.Bool
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				reached.Store(true)
				_ = connection.Close()
			}
		}()
		_, port, err := net.SplitHostPort(listener.Addr().String())
		must(err)
		for _, host := range []string{"localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
			_, err := newTestFetcher("https://"+host+":"+port+"/keys", nil, nil, false, io.Discard).fetch(t.Context())
			if err == nil || !strings.Contains(err.Error(), "not public") || reached.Load() {
				t.Errorf("%s: %v, server reached: %v", host, err, reached.Load())
			}
		}
		_, _ = newTestFetcher("https://"+listener.Addr().String(), nil, nil, true, io.Discard).fetch(t.Context())
		if !reached.Load() {
			t.Error("the server cannot be reached at all, so this test proves nothing")
		}
		_ = listener.Close()
	}
}

// TestFetchThroughProxy checks that the proxy may have a non-public address and receives the host
// name.
func TestFetchThroughProxy(t *testing.T) {
	requests := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	must(err)
	_, err = newTestFetcher("https://idp.example/keys", nil, address, false, io.Discard).fetch(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("a proxy that refuses: %v", err)
	}
	if got := <-requests; got != "CONNECT idp.example:443" {
		t.Errorf("the proxy received %q", got)
	}
}

// TestHostResolvedByProxy checks that a name that cannot be resolved is accepted behind a proxy,
// since such hosts often cannot resolve external names. Names that can be resolved are checked.
func TestHostResolvedByProxy(t *testing.T) {
	proxy := func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.example:3128") }
	for address, want := range map[string]string{"https://keys.invalid./": "", "https://169.254.169.254/": "resolves to a non-public address"} {
		var out bytes.Buffer
		logger := zerolog.New(&out)
		_, err := newFetcher(TokenConfig{JWKSURI: address}, proxy, &logger)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || !strings.Contains(out.String(), "through a proxy") {
			t.Errorf("%s: %v, logged %s", address, err, out.String())
		}
	}
	nop := zerolog.Nop()
	failing := func(*http.Request) (*url.URL, error) { return nil, errors.New("no such proxy") }
	if _, err := newFetcher(TokenConfig{JWKSURI: "https://8.8.8.8/"}, failing, &nop); err == nil || !strings.Contains(err.Error(), "no such proxy") {
		t.Errorf("a proxy setting that cannot be parsed: %v", err)
	}
}
