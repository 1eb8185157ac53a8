package httpapi

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzRequestPath sends raw bytes on a connection. For any bytes, the server must respond in HTTP
// or close the connection within ten seconds, and no handler may panic.
func FuzzRequestPath(f *testing.F) {
	body := `{"script": "return 1", "data": {}}`
	compressed := gzipped(body)
	for _, seed := range []string{
		"GET /info HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "HEAD /endpoints/%00%ff HTTP/1.1\r\nHost: x\r\n\r\n",
		headWithLength(len(body)) + body, headWithLength(len(body)) + body + "GET /status HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n",
		postHead("Transfer-Encoding: chunked") + "5;x=y\r\nhello\r\n0\r\nT: x\r\n\r\n",
		postHead("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n",
		postHead("Content-Encoding: gzip\r\nTransfer-Encoding: chunked") + "ffff\r\n" + compressed, postHead("Expect: 100-continue\r\nContent-Length: 3") + "abc",
		headWithLength(1<<20) + "x", headWithLength(2000) + strings.Repeat("x", 2000), "POST /query/a%2fb%252f HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"data\":[1]}",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://x/status HTTP/1.1\r\nHost: x\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00", "GET /../%2e%2e//x HTTP/1.1\r\nHost: x\r\nAuthorization: Basic Og==\r\n\r\n",
		"DELETE /endpoints/a HTTP/1.1\r\nHost: x\r\nTabPy-User: \x80\r\n\r\n", "", "\r\n\r\n", "GET",
	} {
		f.Add([]byte(seed))
	}
	srv := newTestServer(f, func(c *Config) { c.MaxRequestBytes, c.LogScript = 1000, true })
	srv.api.pace = pace{2 * time.Second, 1 << 20}
	f.Fuzz(func(t *testing.T, sent []byte) {
		got := sendRaw(t, srv.addr, sent)
		switch {
		case !bytes.Contains(sent, []byte("HEAD")):
			checkResponses(t, got)
		case got != "" && !strings.HasPrefix(got, "HTTP/1."): // responses to HEAD announce a length but have no body
			t.Fatalf("%q is not HTTP", got)
		}
		if log := srv.log.String(); strings.Contains(log, "panic") {
			t.Fatalf("a handler panicked: %s", log)
		}
		srv.log.reset()
	})
}

// sendRaw sends bytes, closes its sending side, and returns the bytes that the server sends until
// it closes the connection.
func sendRaw(t *testing.T, addr string, sent []byte) string {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetLinger(0) // avoids TIME_WAIT: a fuzz run makes many connections
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = conn.Write(sent) // the server may close the connection before it has read everything
	_ = conn.(*net.TCPConn).CloseWrite()
	got, err := io.ReadAll(conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Fatalf("the connection was not closed within ten seconds; received %q", got)
	}
	return string(got)
}

// checkResponses parses responses without knowledge of the requests.
func checkResponses(t *testing.T, got string) {
	for in := bufio.NewReader(strings.NewReader(got)); ; {
		if _, err := in.Peek(1); err == io.EOF {
			return
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%q is not HTTP: %v", got, err)
		}
		if _, err := io.ReadAll(response.Body); err != nil {
			t.Fatalf("%q is incomplete: %v", got, err)
		}
	}
}
