package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
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
)

// Bytes on the wire: the statuses of the answers, and whether the connection stays open.
func TestRawRequests(t *testing.T) {
	b := newTestServer(t, nil)
	const one = `{"script":"return 1","data":{}}`
	for _, c := range []struct {
		name, text string
		statuses   string
		open       bool
	}{
		{"pipelined", "GET /status HTTP/1.1\r\nHost: x\r\n\r\nGET /unicorn HTTP/1.1\r\nHost: x\r\n\r\n", "[200 404]", true},
		{"HTTP/1.0", "GET /status HTTP/1.0\r\n\r\n", "[200]", false},
		{"HTTP/1.0 keep-alive", "GET /status HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "[200]", true},
		{"close", "GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "[200]", false},
		{"no Host", "GET /status HTTP/1.1\r\n\r\n", "[400]", false},
		{"two Hosts", "GET /status HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", "[400]", false},
		{"one word", "garbage\r\n\r\n", "[400]", false},
		{"lower case", "get /status HTTP/1.1\r\nHost: x\r\n\r\n", "[405]", true},
		{"continue", "POST /evaluate HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 31\r\n\r\n" + one, "[100 200]", true},
		{"no length", "POST /evaluate HTTP/1.1\r\nHost: x\r\n\r\n", "[500]", true},
		{"absolute", "GET http://x/status HTTP/1.1\r\nHost: x\r\n\r\n", "[200]", true},
		{"HTTP/2.0", "GET /status HTTP/2.0\r\nHost: x\r\n\r\n", "[505]", false},
		{"after an error", "POST /evaluate HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nxPOST /evaluate HTTP/1.1\r\nHost: x\r\nContent-Length: 31\r\n\r\n" +
			one, "[500 200]", true},
		{"case of names", "POST /evaluate HTTP/1.1\r\nhOST: x\r\ncOnTeNt-LeNgTh: 31\r\n\r\n" + one, "[200]", true},
		{"two lengths", post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), "[400]", false},
		{"two lengths, pipelined", plainGet + post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"+plainGet), "[200 400]", false},
		{"two Content-Lengths", post("Content-Length: 5\r\nContent-Length: 6", "abcdef"), "[400]", false},
		{"unknown coding", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), "[400]", false},
		{"negative length", post("Content-Length: -1", ""), "[400]", false},
		{"no number", post("Content-Length: x", ""), "[400]", false},
		{"space before the colon", post("Content-Length : 5", "abcde"), "[400]", false},
		{"chunked", "POST /evaluate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n" + one + "\r\n0\r\n\r\n" + plainGet, "[200]", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // each waits a while for nothing
			statuses, open := b.sendBytes(c.text)
			if fmt.Sprint(statuses) != c.statuses || open != c.open {
				t.Errorf("%v, open %v; want %s, %v", statuses, open, c.statuses, c.open)
			}
		})
	}
}

// bytes sends text and reads answers until the server closes, or says nothing for a while after the
// last answer.
func (b *testServer) sendBytes(text string) (statuses []int, open bool) {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		b.t.Fatal(err)
	}
	for in := bufio.NewReader(conn); ; {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if len(statuses) > 0 && statuses[len(statuses)-1] >= 200 {
			_ = conn.SetReadDeadline(time.Now().Add(150 * time.Millisecond))
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses, errors.Is(err, os.ErrDeadlineExceeded)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		statuses = append(statuses, response.StatusCode)
	}
}

const plainGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// post returns a POST request with the given header lines and body.
func post(lines, body string) string {
	return "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n" + body
}

// secure makes a server over TLS.
func newTLSServer(t testing.TB, configure func(*Config)) *testServer {
	t.Helper()
	return newTestServerTLS(t, newCertificate(t), func(c *Config) {
		c.Protocol = "https"
		if configure != nil {
			configure(c)
		}
	})
}

// speakHTTP2 gives the client another transport.
func (b *testServer) speakHTTP2() {
	transport := &http.Transport{DisableCompression: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	b.client.Transport = transport
	b.t.Cleanup(transport.CloseIdleConnections)
}

// certificate is a self-signed one for 127.0.0.1.
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
	b := newTLSServer(t, func(c *Config) { c.MaxRequestBytes = 1 << 20 })
	big := strings.Repeat("x", 1<<20+1)
	for _, major := range []int{1, 2} {
		if major == 2 {
			b.speakHTTP2()
		}
		got := b.script("return tabpy")
		if got.ProtoMajor != major || got.TLS == nil || got.TLS.Version < tls.VersionTLS12 {
			t.Fatalf("spoke %s", got.Proto)
		}
		b.script("return 1").want(t, 200, "1")
		b.do("GET", "/status", "").want(t, 200, "{}")
		b.do("GET", "/status", "", "If-None-Match", emptyObjectETag).want(t, 304, "")
		b.do("HEAD", "/", "").want(t, 200, "")
		b.do("POST", "/evaluate", big).want(t, 413,
			`{"message": "Request with size 1048577 exceeded limit of 1048576 (bytes).", "info": "Request Entity Too Large"}`)
		if got := b.do("GET", "/", "", "Accept-Encoding", "gzip"); got.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("HTTP/%d: %v", major, got.Header)
		}
	}
}

// The limits of a body and of an unfetched answer hold for a stream of HTTP/2 as well.
func TestHTTP2Deadlines(t *testing.T) {
	b := newTLSServer(t, nil)
	b.speakHTTP2()
	b.script("return 1").want(t, 200, "1")
	b.api.transferTimeout = func(int64) time.Duration { return 50 * time.Millisecond }
	body, feed := io.Pipe()
	defer feed.Close()
	r, err := http.NewRequest("POST", "https://"+b.addr+"/evaluate", body)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.send(r); got.ProtoMajor != 2 || got.StatusCode != 408 {
		t.Errorf("a body that does not come: %s %d", got.Proto, got.StatusCode)
	}
	b.engine.On("slow", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		select {
		case <-ctx.Done():
			return runtime.Result{}, ctx.Err()
		case <-time.After(200 * time.Millisecond):
			return runtime.Result{Body: []byte("1")}, nil
		}
	})
	b.script("slow").want(t, 200, "1")

	b.engine.On("big", returns(strings.Repeat("x", 64<<20)))
	r, err = http.NewRequest("POST", b.url()+"/evaluate", strings.NewReader(`{"script": "big", "data": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	unread, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer unread.Body.Close()
	waitFor(t, "the answer that nobody reads is dropped", func() bool { return b.api.budget.used.Load() == 0 })
}

// A client that resets its request frees the cell.
func TestHTTP2Disconnect(t *testing.T) {
	b := newTLSServer(t, nil)
	b.speakHTTP2()
	entered, left := make(chan struct{}), make(chan struct{})
	b.engine.On("long", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		close(entered)
		<-ctx.Done()
		close(left)
		return runtime.Result{}, ctx.Err()
	})
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "POST", "https://"+b.addr+"/evaluate", strings.NewReader(`{"script": "long", "data": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _, _ = b.client.Do(r) }()
	<-entered
	cancel()
	<-left
	<-done
	b.script("return 1").want(t, 200, "1")
}

// Plain HTTP to the port of TLS gets nothing, and the log says what to do.
func TestPlainHTTPOnTLSPort(t *testing.T) {
	b := newTLSServer(t, nil)
	for _, text := range []string{plainGet, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x00"} {
		conn, err := net.Dial("tcp", b.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprint(conn, text)
		if got, err := io.ReadAll(conn); len(got) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		conn.Close()
	}
	waitFor(t, "the log", func() bool { return strings.Contains(b.log.String(), `URL that begins with https://`) })
}

func TestMinimumTLSVersion(t *testing.T) {
	b := newTLSServer(t, nil)
	conn, err := tls.Dial("tcp", b.addr, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err == nil {
		conn.Close()
		t.Error("TLS 1.1 was spoken")
	}
}

// Over TLS, too, nothing is read after a request whose length net/http took from the chunks.
func TestAmbiguousLengthOverTLS(t *testing.T) {
	b := newTLSServer(t, nil)
	conn, err := tls.Dial("tcp", b.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"+plainGet))
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if got, _ := io.ReadAll(conn); bytes.Count(got, []byte("HTTP/1.1 ")) != 1 {
		t.Errorf("%q", got)
	}
}
