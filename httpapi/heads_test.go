package httpapi

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

// scripted is a connection that a test reads from.
type scripted struct {
	net.Conn
	in io.Reader
}

func (s scripted) Read(p []byte) (int, error) { return s.in.Read(p) }

// through is what headConn makes of a stream that comes in pieces.
func through(t testing.TB, in io.Reader) string {
	t.Helper()
	out, err := io.ReadAll(&headConn{Conn: scripted{in: in}})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

const plainGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func post(lines, body string) string {
	return "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n" + body
}

var passing = []string{
	"", "\r\n", "garbage", "garbage\r\n\r\n", plainGet, plainGet + plainGet, "GET / HTTP/1.1\nHost: x\n\n" + plainGet,
	post("Content-Length: 3", "abc") + plainGet,
	post("content-length:\t3 ", "\r\n\r") + post("Content-Length: 0", "") + plainGet,
	post("Content-Length: 50", post("Transfer-Encoding: chunked\r\nContent-Length: 5", "")), // the head is a body
	post("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"),
	post("Transfer-Encoding: CHUNKED", "0\r\n\r\n"+post("Content-Length: 1\r\nTransfer-Encoding: chunked", "")), // never read
	post("Content-Length: 3\r\nContent-Length: 3", "abc"),
	post("Content-Length: -3", "abc"), post("Content-Length: 99999999999999999999", "abc"), post("Content-Length:", "abc"),
	post("X: y\r\n Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), // a folded line
	"\r\n" + plainGet + "GET / HT",
	"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", mostHeads) + "\r\n\r\n" + plainGet,
	"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 2*mostHeads),
}

var refusedStreams = []string{
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

func TestHeadsPass(t *testing.T) {
	for _, text := range passing {
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)),
			"with EOF": iotest.DataErrReader(strings.NewReader(text))} {
			if got := through(t, in); got != text {
				t.Errorf("%s: %.200q\nbecame %.200q", name, text, got)
			}
		}
	}
}

func TestHeadsWithTwoLengthsAreReplaced(t *testing.T) {
	for _, text := range refusedStreams {
		for _, before := range []string{"", plainGet, post("Content-Length: 3", "abc")} {
			got := through(t, iotest.OneByteReader(strings.NewReader(before+text)))
			if !strings.HasPrefix(got, before+refusedHead) {
				t.Errorf("%q\nbecame %q", before+text, got)
			}
		}
	}
}

// net/http interrupts reads by deadlines and goes on afterwards: nothing may get lost.
func TestHeadsSurviveDeadlines(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	conn := &headConn{Conn: server}
	go func() { _, _ = io.WriteString(client, plainGet[:10]) }()
	buf := make([]byte, 100)
	for range 2 {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if n, err := conn.Read(buf); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%d, %v", n, err)
		}
	}
	_ = conn.SetReadDeadline(time.Time{})
	go func() { _, _ = io.WriteString(client, plainGet[10:]) }()
	if n, err := conn.Read(buf); err != nil || string(buf[:n]) != plainGet {
		t.Fatalf("%q, %v", buf[:n], err)
	}
}

// FuzzHeads reads a stream with and without the listener's help: net/http sees the same requests, up to one that is refused, and none of
// those it sees has both lengths.
func FuzzHeads(f *testing.F) {
	for _, text := range append(passing[:len(passing)-2:len(passing)-2], refusedStreams...) {
		f.Add([]byte(text), byte(3))
	}
	f.Fuzz(func(t *testing.T, stream []byte, size byte) {
		direct := requests(bufio.NewReader(bytes.NewReader(stream)))
		helped := requests(bufio.NewReader(&headConn{Conn: scripted{in: &pieces{stream, int(size)%7 + 1}}}))
		for i, text := range helped {
			if i >= len(direct) || text != direct[i] {
				t.Fatalf("request %d of %q:\n%q\nnot in %q", i, stream, text, direct)
			}
		}
		if len(helped) < len(direct) && !strings.Contains(through(t, bytes.NewReader(stream)), refusedHead) {
			t.Fatalf("%q: %d requests of %d", stream, len(helped), len(direct))
		}
	})
}

// pieces is a reader that gives a few bytes at a time.
type pieces struct {
	left []byte
	size int
}

func (p *pieces) Read(buf []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(buf, p.left[:min(p.size, len(p.left))])
	p.left = p.left[n:]
	return n, nil
}

// requests are those that a server would take from one connection, which closes after chunks.
func requests(in *bufio.Reader) []string {
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
