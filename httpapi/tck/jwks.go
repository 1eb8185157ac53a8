package tck

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"path"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// jwksServer serves JSON web key sets, like an identity provider. The server under test trusts its
// certificate through SSL_CERT_FILE.
type jwksServer struct {
	http    http.Server
	port    int
	fetches atomic.Int64 // requests, including those that failed
	rotated atomic.Bool  // /rotate.json was requested
}

// startJWKSServer starts a server with the certificate in configDir. The caller must close it.
func startJWKSServer(t testing.TB, configDir string) *jwksServer {
	t.Helper()
	certificate, err := tls.LoadX509KeyPair(filepath.Join(configDir, "test-tls.crt"), filepath.Join(configDir, "test-tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &jwksServer{port: listener.Addr().(*net.TCPAddr).Port}
	s.http.Handler = http.HandlerFunc(s.handle)
	s.http.ErrorLog = log.New(t.Output(), "JWKS server: ", 0) // reports failed TLS handshakes
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	go func() { _ = s.http.ServeTLS(listener, "", "") }()
	return s
}

func (s *jwksServer) handle(w http.ResponseWriter, r *http.Request) {
	s.fetches.Add(1)
	switch r.URL.Path {
	case "/redirect.json":
		http.Redirect(w, r, "/keys.json", http.StatusFound)
	case "/error":
		w.WriteHeader(http.StatusInternalServerError)
	case "/text":
		_, _ = io.WriteString(w, "no JSON")
	case "/list.json":
		_, _ = io.WriteString(w, "[]")
	case "/rotate.json":
		if s.rotated.Swap(true) {
			writeKeySet(w, "rotated.json")
		} else {
			writeKeySet(w, "keys.json")
		}
	default:
		writeKeySet(w, path.Base(r.URL.Path))
	}
}

func writeKeySet(w http.ResponseWriter, name string) {
	text, err := recordings.ReadFile("testdata/configs/jwks/" + name)
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

// fetchCount returns the number of requests. It is 0 if s is nil.
func (s *jwksServer) fetchCount() int {
	if s == nil {
		return 0
	}
	return int(s.fetches.Load())
}

func (s *jwksServer) close() {
	if s != nil {
		_ = s.http.Close()
	}
}
