package egress

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"
)

var goodRules = []rule{{grant.Target{Scheme: "http", Host: "good.example", Port: 80}, &grant.Grant{Name: "g"}}}

const getGood = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n"

// TestGuardAccepts feeds valid requests, whole and byte by byte, and expects them unchanged.
func TestGuardAccepts(t *testing.T) {
	for _, requests := range []string{
		getGood,
		getGood + getGood,
		"GET /a?b=c HTTP/1.0\r\nhost:good.example:80\r\nAccept: */*\r\n\r\n",
		"GET http://good.example/x HTTP/1.1\r\nHost: GOOD.example.\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: good.example\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 5\r\n\r\nhello" + getGood,
		"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 42\r\n\r\nGET / HTTP/1.1\r\nHost: evil.example\r\n\r\nabcd" + getGood,
		"POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n" + getGood,
		"POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n" + getGood,
		"PUT / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 0\r\nX: \tä\r\n\r\n" + getGood,
		"GET / HTTP/1.1\r\nHost: good.example\r\nCookie: " + strings.Repeat("c", 100_000) + "\r\n\r\n",
	} {
		if out, err := feedAll(requests, len(requests)); err != nil || out != requests {
			t.Errorf("%.100q: passed %.100q, %v", requests, out, err)
		}
		if out, err := feedAll(requests, 1); err != nil || out != requests {
			t.Errorf("%.100q in bytes: passed %.100q, %v", requests, out, err)
		}
	}
}

// TestGuardExpect checks that Expect is left out.
func TestGuardExpect(t *testing.T) {
	out, err := feedAll("PUT / HTTP/1.1\r\nexpect: 100-continue\r\nHost: good.example\r\nContent-Length: 2\r\n\r\nhi", 1)
	if want := "PUT / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 2\r\n\r\nhi"; err != nil || out != want {
		t.Errorf("passed %q, %v", out, err)
	}
}

// feedAll feeds a text in pieces of a size.
func feedAll(text string, size int) (out string, err *grant.Error) {
	g := newGuard(goodRules)
	for text != "" {
		n := min(size, len(text))
		passed, err := g.feed([]byte(text[:n]))
		if err != nil {
			return out, err
		}
		out += string(passed)
		text = text[n:]
	}
	return out, nil
}

// TestGuardRefuses feeds requests for other hosts, and requests that two readers could understand
// differently.
func TestGuardRefuses(t *testing.T) {
	head := func(lines ...string) string {
		return "POST / HTTP/1.1\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	host := "Host: good.example"
	for _, c := range []struct{ request, want string }{
		{head("Host: evil.example"), "its host is evil.example"},
		{head(host, "Host: evil.example"), "two Host headers"},
		{head(host, "HOST: good.example"), "two Host headers"},
		{head("Host: good.example:81"), "its host is"},
		{head("Host: good.example@evil.example"), "its host is"},
		{head("Host: evil.example:good.example"), "its host is"},
		{head("Host: good.example, evil.example"), "its host is"},
		{head("Host: "), "its host is"},
		{head("X: y"), "no Host header"},
		{head("Host : good.example"), "a header is invalid"},
		{head(" Host: good.example"), "a header is invalid"},
		{head(host, " evil.example"), "a header is invalid"},
		{head("X: y\rHost: evil.example", host), "control character"},
		{head("X: y\nHost: evil.example", host), "control character"},
		{head("X: y\x00", host), "control character"},
		{head("X: y\x0bHost: evil.example", host), "control character"},
		{"POST / HTTP/1.0\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n", "not of HTTP/1.1"},
		{head("X", host), "a header is invalid"},
		{head(host, "Content-Length: 5", "Transfer-Encoding: chunked"), "a Content-Length and a Transfer-Encoding"},
		{head(host, "Content-Length: 5", "Content-Length: 5"), "Content-Length is invalid"},
		{head(host, "Content-Length: +5"), "Content-Length is invalid"},
		{head(host, "Content-Length: 5, 5"), "Content-Length is invalid"},
		{head(host, "Content-Length: -1"), "Content-Length is invalid"},
		{head(host, "Content-Length: 99999999999999999999"), "Content-Length is invalid"},
		{head(host, "Content-Length: 0x5"), "Content-Length is invalid"},
		{head(host, "Transfer-Encoding: gzip, chunked"), "not chunked"},
		{head(host, "Transfer-Encoding: identity"), "not chunked"},
		{head(host, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "not chunked"},
		{head(host, "Upgrade: websocket", "Connection: Upgrade"), "another protocol"},
		{"CONNECT evil.example:443 HTTP/1.1\r\nHost: good.example\r\n\r\n", "CONNECT is not allowed"},
		{"CONNECT good.example:80 HTTP/1.1\r\nHost: good.example\r\n\r\n", "CONNECT is not allowed"},
		{"GET http://evil.example/ HTTP/1.1\r\nHost: good.example\r\n\r\n", "its host is evil.example"},
		{"GET http://good.example@evil.example/ HTTP/1.1\r\nHost: good.example\r\n\r\n", "its host is"},
		{"GET http://good.example:81/ HTTP/1.1\r\nHost: good.example\r\n\r\n", "its host is"},
		{"GET ftp://good.example/ HTTP/1.1\r\nHost: good.example\r\n\r\n", "neither a path nor a URL"},
		{"GET evil.example HTTP/1.1\r\nHost: good.example\r\n\r\n", "neither a path nor a URL"},
		{"GET  / HTTP/1.1\r\nHost: good.example\r\n\r\n", "the first line"},
		{"GET / HTTP/2.0\r\nHost: good.example\r\n\r\n", "the first line"},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "the first line"},
		{"GET /\r\n\r\n", "the first line"},
		{"\r\n" + getGood, "the first line"},
		{"\n" + getGood, "was refused"},
		{"GET / HTTP/1.1\nHost: evil.example\n\n", "carriage return"},
		{"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", maxHead), "more than 262144 bytes"},
		{head(host, "Transfer-Encoding: chunked") + "x\r\n", "size of a chunk is invalid"},
		{head(host, "Transfer-Encoding: chunked") + "5\nhello", "carriage return"},
		{head(host, "Transfer-Encoding: chunked") + "-5\r\n", "size of a chunk is invalid"},
		{head(host, "Transfer-Encoding: chunked") + "ffffffffffffffff\r\n", "size of a chunk is invalid"},
		{head(host, "Transfer-Encoding: chunked") + "5 \r\n", "size of a chunk is invalid"},
		{head(host, "Transfer-Encoding: chunked") + "5\r\nhelloX\r\n", "longer than its size"},
		{head(host, "Transfer-Encoding: chunked") + "5;" + strings.Repeat("x", maxChunk), "too long"},
		{getGood + head("Host: evil.example"), "its host is evil.example"},
		{"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 5\r\n\r\nhello" + head("Host: evil.example"), "its host is evil.example"},
	} {
		for _, size := range []int{len(c.request), 1, 7} {
			out, err := feedAll(c.request, size)
			if err == nil || err.Code != grant.Denied || !strings.Contains(err.Text, c.want) {
				t.Errorf("%.80q in pieces of %d: error %v, want %q", c.request, size, err, c.want)
			}
			if strings.Contains(out, "evil") {
				t.Errorf("%.80q: passed %q", c.request, out)
			}
		}
	}
}

// TestHTTP sends requests for the granted host and for another one over a connection.
func TestHTTP(t *testing.T) {
	w := newWorld(t, "http://good.example")
	w.serveHTTP("192.0.2.1:80")
	s := w.session()
	handle := connect(t, s, "good.example", 80)
	if err := send(s, handle, getGood); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, s, handle, "host good.example"); !strings.HasPrefix(got, "HTTP/1.1 200 OK") {
		t.Errorf("got %q", got)
	}
	err := send(s, handle, strings.ReplaceAll(getGood, "good", "evil"))
	wantCode(t, "another host", err, grant.Denied, "its host is evil.example, but the connection was granted for http://good.example:80")
	err = send(s, handle, getGood)
	wantCode(t, "after a refusal", err, grant.Denied, "its host is")
	wantCode(t, "TLS", s.StartTLS(handle, "", time.Second), grant.Denied, "")
	s.Close(handle)
	s.End()
	if len(w.uses) != 1 || w.uses[0].Outcome != grant.OutcomeDenied || w.uses[0].Target != "http://good.example:80" || w.uses[0].Out != int64(len(getGood)) || w.uses[0].In == 0 || w.uses[0].Address == "" {
		t.Errorf("uses %+v", w.uses)
	}
}

// FuzzGuard feeds any bytes, whole and in pieces. Both must pass the same, and net/http must find
// only requests for the granted host in it.
func FuzzGuard(f *testing.F) {
	f.Add([]byte(getGood+getGood), uint8(3))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 5\r\n\r\nhello"+getGood), uint8(1))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"+getGood), uint8(9))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: good.example\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"\r\n\"\r\nhello\r\n0\r\nHost: evil\r\n\r\n"), uint8(9))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		whole, err := feedAll(string(b), len(b)+1)
		pieces, piecesErr := feedAll(string(b), int(size)+1)
		if (err == nil) != (piecesErr == nil) || err == nil && whole != pieces || !strings.HasPrefix(pieces, whole) {
			t.Fatalf("whole %q %v, in pieces %q %v", whole, err, pieces, piecesErr)
		}
		for r := bufio.NewReaderSize(strings.NewReader(pieces), 16); ; {
			request, err := http.ReadRequest(r)
			if err != nil {
				if err != io.EOF && !strings.Contains(err.Error(), "unexpected EOF") {
					break // net/http is stricter about paths and values
				}
				break
			}
			host := strings.TrimSuffix(strings.ToLower(request.Host), ":"+strconv.Itoa(80))
			if strings.TrimSuffix(strings.TrimSuffix(host, ":"), ".") != "good.example" {
				t.Fatalf("%q passed a request for %q", b, request.Host)
			}
			if _, err := io.Copy(io.Discard, request.Body); err != nil {
				break
			}
		}
	})
}
