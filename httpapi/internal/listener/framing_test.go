package listener

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// readerConn is a connection whose bytes come from in.
type readerConn struct {
	net.Conn
	in io.Reader
}

func (c readerConn) Read(p []byte) (int, error) { return c.in.Read(p) }

// maxHeaderBytes is the header limit of the connections under test.
const maxHeaderBytes = 64 << 10

func newConn(conn net.Conn) *framingConn {
	return &framingConn{Conn: conn, maxHeaderBytes: maxHeaderBytes}
}

// readThrough returns the bytes that a framingConn passes on from in.
func readThrough(t testing.TB, in io.Reader) string {
	t.Helper()
	out, err := io.ReadAll(newConn(readerConn{in: in}))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

const plainGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func post(lines, body string) string {
	return "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n" + body
}

// validStreams are streams that pass unchanged. net/http refuses some of them.
var validStreams = []string{
	"", "\r\n", "garbage", "garbage\r\n\r\n", plainGet, plainGet + plainGet, "GET / HTTP/1.1\nHost: x\n\n" + plainGet,
	post("Content-Length: 3", "abc") + plainGet,
	post("content-length:\t3 ", "\r\n\r") + post("Content-Length: 0", "") + plainGet,
	post("Content-Length: 50", post("Transfer-Encoding: chunked\r\nContent-Length: 5", "")), // a body that looks like a head
	post("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"),
	post("Transfer-Encoding: CHUNKED", "0\r\n\r\n"+post("Content-Length: 1\r\nTransfer-Encoding: chunked", "")), // never read
	post("Content-Length: 3\r\nContent-Length: 3", "abc"),
	post("Content-Length: -3", "abc"), post("Content-Length: 99999999999999999999", "abc"), post("Content-Length:", "abc"),
	post("X: y\r\n Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), // a folded line
	"\r\n" + plainGet + "GET / HT",
	"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", maxHeaderBytes) + "\r\n\r\n" + plainGet,
	"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 2*maxHeaderBytes),
}

// ambiguousStreams begin with a request whose body length is ambiguous.
var ambiguousStreams = []string{
	post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
	post("tRANSFER-eNCODING: chunked\r\nX: y\r\ncONTENT-lENGTH: 5", "0\r\n\r\n"),
	"POST / HTTP/1.1\nHost: x\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\r\n\r\n",
	post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
	post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
	post("Transfer-Encoding: identity", ""),
	post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"),
	"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"\r\nPOST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}

func TestFramingPassesStreams(t *testing.T) {
	for _, text := range validStreams {
		for name, in := range map[string]io.Reader{
			"whole":    strings.NewReader(text),
			"bytes":    iotest.OneByteReader(strings.NewReader(text)),
			"with EOF": iotest.DataErrReader(strings.NewReader(text)),
		} {
			if got := readThrough(t, in); got != text {
				t.Errorf("%s: passed on %.200q, want %.200q", name, got, text)
			}
		}
	}
}

func TestFramingReplacesAmbiguousHeads(t *testing.T) {
	for _, text := range ambiguousStreams {
		for _, before := range []string{"", plainGet, post("Content-Length: 3", "abc")} {
			got := readThrough(t, iotest.OneByteReader(strings.NewReader(before+text)))
			if !strings.HasPrefix(got, before+invalidHead) {
				t.Errorf("stream %q: passed on %q", before+text, got)
			}
		}
	}
}

// net/http interrupts reads with deadlines and continues afterwards. No byte may be lost.
func TestFramingSurvivesDeadlines(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	conn := newConn(server)
	go func() { _, _ = io.WriteString(client, plainGet[:10]) }()
	buf := make([]byte, 100)
	for range 2 {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if n, err := conn.Read(buf); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("Read returned %d, %v; want a deadline error", n, err)
		}
	}
	_ = conn.SetReadDeadline(time.Time{})
	go func() { _, _ = io.WriteString(client, plainGet[10:]) }()
	if n, err := conn.Read(buf); err != nil || string(buf[:n]) != plainGet {
		t.Fatalf("Read returned %q, %v; want %q", buf[:n], err, plainGet)
	}
}

// FuzzFraming reads a stream with and without a framingConn. net/http must read the same requests
// from both, up to the first one that framingConn replaces.
func FuzzFraming(f *testing.F) {
	for _, text := range append(validStreams[:len(validStreams)-2:len(validStreams)-2], ambiguousStreams...) {
		f.Add([]byte(text), byte(3))
	}
	f.Fuzz(func(t *testing.T, stream []byte, size byte) {
		direct := readRequests(bufio.NewReader(bytes.NewReader(stream)))
		chunks := &chunkReader{stream, int(size)%7 + 1}
		framed := readRequests(bufio.NewReader(newConn(readerConn{in: chunks})))
		for i, text := range framed {
			if i >= len(direct) || text != direct[i] {
				t.Fatalf("stream %q: request %d is %q, which is not in %q", stream, i, text, direct)
			}
		}
		if len(framed) < len(direct) && !strings.Contains(readThrough(t, bytes.NewReader(stream)), invalidHead) {
			t.Fatalf("stream %q: %d of %d requests passed, and no head was replaced", stream, len(framed), len(direct))
		}
	})
}

// chunkReader returns at most size bytes at a time.
type chunkReader struct {
	rest []byte
	size int
}

func (c *chunkReader) Read(buf []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(buf, c.rest[:min(c.size, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

// readRequests returns the requests that a server reads from one connection. The server closes the
// connection after a chunked request.
func readRequests(in *bufio.Reader) []string {
	var all []string
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return all
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return all
		}
		all = append(all, r.Method+" "+r.RequestURI+" "+string(body))
		if len(r.TransferEncoding) > 0 {
			return all
		}
	}
}
