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
type keySets struct {
	http    http.Server
	port    int
	fetches atomic.Int64 // all requests count, whatever they were answered
	rotated atomic.Bool  // /rotate.json was asked for
}

// startKeySets starts a server with the certificate in the folder of configurations; the caller closes it.
func startKeySets(t testing.TB, configs string) *keySets {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(configs, "test-tls.crt"), filepath.Join(configs, "test-tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &keySets{port: listener.Addr().(*net.TCPAddr).Port}
	k.http.Handler = http.HandlerFunc(k.answer)
	k.http.ErrorLog = log.New(t.Output(), "key sets: ", 0) // who does not trust the certificate is seen here
	k.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
	go func() { _ = k.http.ServeTLS(listener, "", "") }()
	return k
}

func (k *keySets) answer(w http.ResponseWriter, r *http.Request) {
	k.fetches.Add(1)
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
		if k.rotated.Swap(true) {
			serveKeySet(w, "rotated.json")
		} else {
			serveKeySet(w, "keys.json")
		}
	default:
		serveKeySet(w, path.Base(r.URL.Path))
	}
}

func serveKeySet(w http.ResponseWriter, name string) {
	text, err := recordings.ReadFile("testdata/configs/jwks/" + name)
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

// count is how often the server was asked; none was asked never.
func (k *keySets) count() int {
	if k == nil {
		return 0
	}
	return int(k.fetches.Load())
}

func (k *keySets) close() {
	if k != nil {
		_ = k.http.Close()
	}
}
