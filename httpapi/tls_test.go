package httpapi

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// newTLSServer starts a server that uses TLS.
func newTLSServer(t testing.TB, configure func(*Config)) *testServer {
	t.Helper()
	return newTestServerTLS(t, newCertificate(t), func(c *Config) {
		c.Protocol = "https"
		if configure != nil {
			configure(c)
		}
	})
}

// speakHTTP2 makes the client use HTTP/2.
func (srv *testServer) speakHTTP2() {
	transport := &http.Transport{DisableCompression: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	srv.client.Transport = transport
	srv.t.Cleanup(transport.CloseIdleConnections)
}

// newCertificate returns a configuration with a self-signed certificate for 127.0.0.1.
func newCertificate(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{{127, 0, 0, 1}}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func TestTLSProtocols(t *testing.T) {
	srv := newTLSServer(t, func(c *Config) { c.MaxRequestBytes = 1 << 20 })
	big := strings.Repeat("x", 1<<20+1)
	for _, major := range []int{1, 2} {
		if major == 2 {
			srv.speakHTTP2()
		}
		got := srv.script("return tabpy")
		if got.ProtoMajor != major || got.TLS == nil || got.TLS.Version < tls.VersionTLS12 {
			t.Fatalf("protocol %s, TLS %+v; want HTTP/%d", got.Proto, got.TLS, major)
		}
		srv.script("return 1").want(t, 200, "1")
		srv.do("GET", "/status", "").want(t, 200, "{}")
		srv.do("GET", "/status", "", "If-None-Match", emptyObjectETag).want(t, 304, "")
		srv.do("HEAD", "/", "").want(t, 200, "")
		srv.do("POST", "/evaluate", big).want(t, 413,
			`{"message": "Request with size 1048577 exceeded limit of 1048576 (bytes).", "info": "Request Entity Too Large"}`)
		if got := srv.do("GET", "/", "", "Accept-Encoding", "gzip"); got.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("HTTP/%d: the response is not compressed: %v", major, got.Header)
		}
	}
}

// The deadlines for bodies and responses apply to HTTP/2 streams as well.
func TestHTTP2Deadlines(t *testing.T) {
	srv := newTLSServer(t, nil)
	srv.speakHTTP2()
	srv.script("return 1").want(t, 200, "1")
	srv.api.pace = pace{500 * time.Millisecond, 1 << 20}
	body, feed := io.Pipe()
	defer feed.Close()
	r, err := http.NewRequest("POST", "https://"+srv.addr+"/evaluate", body)
	if err != nil {
		t.Fatal(err)
	}
	if got := srv.send(r); got.ProtoMajor != 2 || got.StatusCode != 408 {
		t.Errorf("missing body: %s, status %d; want HTTP/2, 408", got.Proto, got.StatusCode)
	}
	srv.engine.On("slow", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		select {
		case <-ctx.Done():
			return runtime.Result{}, ctx.Err()
		case <-time.After(time.Second):
			return runtime.Result{Body: []byte("1")}, nil
		}
	})
	srv.script("slow").want(t, 200, "1")

	srv.engine.On("big", runtimetest.Returns(strings.Repeat("x", 64<<20)))
	r, err = http.NewRequest("POST", srv.url()+"/evaluate", strings.NewReader(`{"script": "big", "data": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	unread, err := srv.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer unread.Body.Close()
	waitFor(t, "the release of the unread response", func() bool { return srv.api.budget.used() == 0 })
}

// If a client resets its stream, the script is cancelled.
func TestHTTP2Disconnect(t *testing.T) {
	srv := newTLSServer(t, nil)
	srv.speakHTTP2()
	entered, left := make(chan struct{}), make(chan struct{})
	srv.engine.On("long", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		close(entered)
		<-ctx.Done()
		close(left)
		return runtime.Result{}, ctx.Err()
	})
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "POST", "https://"+srv.addr+"/evaluate", strings.NewReader(`{"script": "long", "data": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _, _ = srv.client.Do(r) }()
	<-entered
	cancel()
	<-left
	<-done
	srv.script("return 1").want(t, 200, "1")
}

// Plain HTTP on a TLS port gets status 400 with the reason, other bytes get no response, and the
// log explains how to fix it.
func TestPlainHTTPOnTLSPort(t *testing.T) {
	srv := newTLSServer(t, nil)
	for text, responds := range map[string]bool{
		plainGet: true, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": true, post("Content-Length: 100000", strings.Repeat("x", 100_000)): true, "\x00": false, "get": false,
	} {
		got, err := exchange(t, srv.addr, text)
		if errors.Is(err, os.ErrDeadlineExceeded) || !responds && got != "" {
			t.Errorf("request %.20q: response %q, error %v", text, got, err)
		}
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		var failure struct{ Message, Info string }
		if responds && (!strings.HasPrefix(head, "HTTP/1.1 400 Bad Request\r\n") || json.Unmarshal([]byte(body), &failure) != nil || !strings.Contains(failure.Info, "https://")) {
			t.Errorf("request %.20q: response %q, error %v", text, got, err)
		}
	}
	waitFor(t, "the log line", func() bool { return strings.Contains(srv.log.String(), `URL that begins with https://`) })
}

// exchange sends text on a connection and returns everything that the server sends.
func exchange(t *testing.T, addr, text string) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = fmt.Fprint(conn, text) // the server may have refused it already
	got, err := io.ReadAll(conn)
	return string(got), err
}

// A TLS handshake on a port without TLS is refused at once, and logged once for many clients.
func TestTLSOnPlainPort(t *testing.T) {
	srv := newTestServer(t, nil)
	for range 3 {
		conn, err := tls.Dial("tcp", srv.addr, &tls.Config{InsecureSkipVerify: true})
		if err == nil {
			conn.Close()
		}
		if _, plain := errors.AsType[tls.RecordHeaderError](err); !plain { // in place of the end of headerTimeout
			t.Errorf("got error %v, want that of a plain response", err)
		}
	}
	srv.script("return 1").want(t, 200, "1")
	srv.logLine(`^the client 127\.0\.0\.1:\d+ uses TLS, but this server does not: use a URL that begins with http://`)
	if n := strings.Count(srv.log.String(), "uses TLS"); n != 1 {
		t.Errorf("%d lines about TLS, want 1", n)
	}
}

func TestMinimumTLSVersion(t *testing.T) {
	srv := newTLSServer(t, nil)
	conn, err := tls.Dial("tcp", srv.addr, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err == nil {
		conn.Close()
		t.Error("TLS 1.1 was accepted")
	}
}

// Over TLS, nothing is read after a chunked request.
func TestAmbiguousLengthOverTLS(t *testing.T) {
	srv := newTLSServer(t, nil)
	conn, err := tls.Dial("tcp", srv.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"+plainGet))
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if got, _ := io.ReadAll(conn); bytes.Count(got, []byte("HTTP/1.1 ")) != 1 {
		t.Errorf("got %q, want one response", got)
	}
}
