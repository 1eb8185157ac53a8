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

// keySets is a server of public key sets, as an identity provider has one. It is trusted through SSL_CERT_FILE.
type jwksServer struct {
	http    http.Server
	port    int
	fetches atomic.Int64 // all requests count, whatever they were answered
	rotated atomic.Bool  // /rotate.json was asked for
}

// startKeySets starts a server with the certificate in the folder of configurations; the caller closes it.
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
	s.http.ErrorLog = log.New(t.Output(), "key sets: ", 0) // who does not trust the certificate is seen here
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

// count is how often the server was asked; none was asked never.
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
