package grants

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// site returns the pages of the web servers under test.
func site() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "hello %s", r.Host) })
	m.HandleFunc("/digest", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		n, _ := io.Copy(sum, r.Body)
		fmt.Fprintf(w, "%s %d %x", r.Method, n, sum.Sum(nil)[:4])
	})
	m.HandleFunc("/upload", upload)
	m.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "%s %s %s %s", r.Header.Get("X-Key"), user, password, r.Header.Get("Cookie"))
	})
	m.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) { http.SetCookie(w, &http.Cookie{Name: "s", Value: "1"}) })
	m.HandleFunc("/bytes", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, strings.Repeat("0123456789", 100_000)) })
	m.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	m.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	m.HandleFunc("/flaky", flaky())
	m.HandleFunc("/v1/chat/completions", chat)
	return m
}

func upload(w http.ResponseWriter, r *http.Request) {
	file, head, err := r.FormFile("file")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer file.Close()
	b, _ := io.ReadAll(file)
	fmt.Fprintf(w, "%s %s %s", head.Filename, b, r.FormValue("note"))
}

// flaky answers every third request, and 503 to the others.
func flaky() http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		if n++; n%3 != 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "request %d", n)
	}
}

// chat streams a text in the manner of the APIs of language models: server-sent events.
func chat(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer key-1" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for _, word := range []string{"sales", "rose", "by", "4 %"} {
		fmt.Fprintf(w, "data: {\"choices\": [{\"delta\": {\"content\": %q}}]}\n\n", word+" ")
		w.(http.Flusher).Flush()
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Fprint(w, "data: [DONE]\n\n")
}

// startWeb starts a web server on the loopback address and returns its port.
func startWeb(t testing.TB) (port string) {
	t.Helper()
	s := httptest.NewServer(site())
	t.Cleanup(s.Close)
	return s.URL[strings.LastIndexByte(s.URL, ':')+1:]
}

// startSecureWeb starts a web server with TLS and a certificate for the hosts, which the authority
// signs.
func startSecureWeb(t testing.TB, authority *certtest.Issued, hosts ...string) (port string) {
	t.Helper()
	s := httptest.NewUnstartedServer(site())
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, authority, hosts...)}}
	s.Config.ErrorLog = discardLog
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL[strings.LastIndexByte(s.URL, ':')+1:]
}

// certificate returns a certificate for the hosts.
func certificate(t testing.TB, authority *certtest.Issued, hosts ...string) tls.Certificate {
	t.Helper()
	issued := certtest.Issue(t, hosts[0], authority, certtest.ForHosts(hosts...))
	c, err := tls.X509KeyPair([]byte(issued.CertPEM()), []byte(issued.KeyPEM()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// startWebAt starts a web server on an address of this host and returns its port.
func startWebAt(t testing.TB, address string) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: site()}}
	s.Start()
	t.Cleanup(s.Close)
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// unusedPort returns a port on which nothing listens.
func unusedPort(t testing.TB) string { return strconv.Itoa(testenv.FreePort(t)) }
