package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// The test checks the statuses of the responses to raw requests, and whether the connection stays
// open.
func TestRawRequests(t *testing.T) {
	srv := newTestServer(t, nil)
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
			t.Parallel() // each case waits to see whether the connection is closed
			statuses, open := srv.sendBytes(c.text)
			if fmt.Sprint(statuses) != c.statuses || open != c.open {
				t.Errorf("statuses %v, open %v; want %s, %v", statuses, open, c.statuses, c.open)
			}
		})
	}
}

// sendBytes sends text and reads responses until the server closes the connection, or is silent for
// a while after the last response.
func (srv *testServer) sendBytes(text string) (statuses []int, open bool) {
	srv.t.Helper()
	conn, err := net.Dial("tcp", srv.addr)
	if err != nil {
		srv.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		srv.t.Fatal(err)
	}
	for in := bufio.NewReader(conn); ; {
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if len(statuses) > 0 && statuses[len(statuses)-1] >= 200 {
			_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
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

func TestServerTimeouts(t *testing.T) {
	cfg := Config{MaxRequestBytes: 100 << 20, Timeout: 90 * time.Second}
	s := NewServer(context.Background(), "127.0.0.1:0", nil, cfg)
	if s.ReadHeaderTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("a limit is missing: %+v", s)
	}
	// The handlers renew the read timeout, and the write timeout must not end an upload or a script.
	upload := time.Duration(cfg.MaxRequestBytes/(256<<10)) * time.Second
	if s.ReadTimeout <= s.ReadHeaderTimeout || s.ReadTimeout > time.Minute || s.WriteTimeout < s.ReadTimeout+upload+cfg.Timeout {
		t.Errorf("read timeout %v, write timeout %v", s.ReadTimeout, s.WriteTimeout)
	}
	if s.Protocols.HTTP2() || s.Protocols.UnencryptedHTTP2() || !s.Protocols.HTTP1() {
		t.Errorf("protocols %v", s.Protocols)
	}
}

func TestHTTP1Only(t *testing.T) {
	srv := newTestServer(t, nil)
	for text, status := range map[string]int{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 404, "GET /info HTTP/2.0\r\nHost: x\r\n\r\n": 505} {
		if got := srv.raw(text, false); len(got) != 1 || got[0].StatusCode != status {
			t.Errorf("request %q: responses %v, want status %d", text, got, status)
		}
	}
	got := srv.raw("GET /status HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"+
		"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", false)
	if len(got) != 1 || got[0].StatusCode != 200 {
		t.Errorf("upgrade request: responses %v, want status 200", got)
	}
}

func TestHugeHeaders(t *testing.T) {
	srv := newTestServer(t, nil)
	got := srv.raw("GET /status HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 2*maxHeaderBytes)+"\r\n\r\n", true)
	if len(got) != 1 || got[0].StatusCode != 431 {
		t.Errorf("responses %v, want status 431", got)
	}
}

// A body that arrives too slowly is refused.
func TestSlowBody(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.api.pace = pace{50 * time.Millisecond, 1 << 20}
	for _, text := range []string{headWithLength(10) + "{", postHead("Transfer-Encoding: chunked") + "1\r\n{\r\n"} {
		got := srv.raw(text, true)
		if len(got) != 1 || got[0].StatusCode != 408 || !got[0].Close {
			t.Errorf("request %q: responses %v, want status 408", text, got)
		}
	}
}

// The deadline for the body does not limit the script.
func TestBodyDeadlineDoesNotLimitScript(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.api.pace = pace{500 * time.Millisecond, 1 << 20}
	srv.engine.On("slow", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		select {
		case <-ctx.Done():
			return runtime.Result{}, ctx.Err()
		case <-time.After(time.Second):
			return runtime.Result{Body: []byte("1")}, nil
		}
	})
	srv.script("slow").want(t, 200, "1")
}

// If a client does not read its response, the response is dropped.
func TestSlowReader(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.api.pace = pace{200 * time.Millisecond, 1 << 20}
	srv.engine.On("big", runtimetest.Returns(strings.Repeat("x", 64<<20)))
	conn, err := net.Dial("tcp", srv.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = `{"script": "big", "data": {}}`
	fmt.Fprint(conn, headWithLength(len(body))+body)
	waitFor(t, "the reservation of the response", func() bool { return srv.api.budget.used() > 32<<20 })
	waitFor(t, "the release of the response", func() bool { return srv.api.budget.used() == 0 })
}

// A message of net/http becomes one sanitized log line.
func TestServerErrorsAreLogged(t *testing.T) {
	srv := newTestServer(t, nil)
	ctx := zerolog.New(srv.log).WithContext(context.Background())
	NewServer(ctx, "", nil, Config{}).ErrorLog.Printf("http: TLS handshake error from %s", "1.2.3.4\x1b[0m\nfake")
	if got := srv.logLines(); len(got) != 1 || got[0]["message"] != "http: TLS handshake error from 1.2.3.4[0mfake" {
		t.Errorf("log lines %v", got)
	}
}
