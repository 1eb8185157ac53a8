package listener

import (
	"bytes"
	"net"
	"slices"
	"strings"
)

// Framing returns a listener whose connections reject requests with an ambiguous body length.
// maxHeaderBytes is the server's MaxHeaderBytes; a longer head is passed on for net/http to refuse.
// onTLS, if not nil, is called for each client that begins with a TLS handshake, which is refused.
//
// If a request has a Content-Length and a chunked body, net/http reads the chunks and removes the
// Content-Length without a trace. A proxy in front may have used the Content-Length and take part
// of the body for a second request (RFC 9112, section 6.1). TabPy answers such a request with 400,
// and so does tabcell. A TLS connection cannot be inspected here: the server closes it after any
// chunked request, so that nothing after the body is read.
func Framing(l net.Listener, maxHeaderBytes int, onTLS func(client net.Addr)) net.Listener {
	return framingListener{l, maxHeaderBytes, onTLS}
}

type framingListener struct {
	net.Listener
	maxHeaderBytes int
	onTLS          func(net.Addr)
}

func (l framingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &framingConn{Conn: conn, maxHeaderBytes: l.maxHeaderBytes, onTLS: l.onTLS, buf: make([]byte, bufferSize)}, nil
}

// framingConn passes on one request at a time, and a head only once it is complete. It parses no
// more than it needs: bytes that it cannot interpret are passed on unchanged, and net/http refuses
// them.
type framingConn struct {
	net.Conn
	maxHeaderBytes int
	onTLS          func(net.Addr)
	checked        bool   // the first byte of the connection has been checked
	buf            []byte // read buffer, used while pending is empty
	pending        []byte // bytes read but not yet passed on
	passable       int    // the number of pending bytes that may be passed on
	bodyLeft       int64  // remaining bytes of the current body, or untilClose
}

const (
	untilClose = -1      // everything that follows is passed on
	bufferSize = 4 << 10 // the size of net/http's own buffer
	minRead    = 512

	invalidHead = "refused\r\n\r\n" // not a request line: net/http answers 400 and closes the connection
)

// Read implements net.Conn. It can be called again after an error such as an expired deadline.
func (c *framingConn) Read(p []byte) (int, error) {
	for c.passable == 0 {
		if c.bodyLeft != 0 && len(c.pending) == 0 {
			return c.readBody(p)
		}
		if c.bodyLeft != 0 {
			c.passBody()
			break
		}
		if err := c.readHead(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.pending[:c.passable])
	c.pending, c.passable = c.pending[n:], c.passable-n
	return n, nil
}

// passBody releases the pending bytes that belong to the current body.
func (c *framingConn) passBody() {
	c.passable = len(c.pending)
	if c.bodyLeft != untilClose {
		c.passable = int(min(int64(c.passable), c.bodyLeft))
		c.bodyLeft -= int64(c.passable)
	}
}

// readBody reads from the connection directly, but not beyond the current body.
func (c *framingConn) readBody(p []byte) (int, error) {
	if c.bodyLeft != untilClose {
		p = p[:min(int64(len(p)), c.bodyLeft)]
	}
	n, err := c.Conn.Read(p)
	if c.bodyLeft != untilClose {
		c.bodyLeft -= int64(n)
	}
	return n, err
}

// readHead reads until pending begins with a complete head, or with bytes that cannot become one.
func (c *framingConn) readHead() error {
	for searched := 0; ; {
		if length := headLength(c.pending, searched); length > 0 {
			c.admitHead(length)
			return nil
		}
		if len(c.pending) > c.maxHeaderBytes+bufferSize {
			c.bodyLeft = untilClose // too long for net/http as well
			return nil
		}
		searched = max(0, len(c.pending)-len("\n\r"))
		if n, err := c.fill(); err != nil && n == 0 {
			if len(c.pending) > 0 && !isTimeout(err) {
				c.bodyLeft = untilClose
				return nil
			}
			return err
		}
		if c.beginsTLS() {
			c.refuse()
			return nil
		}
	}
}

// beginsTLS reports whether the connection begins with a TLS handshake. Without this check, such a
// client would wait until the time for the head of a request is over.
func (c *framingConn) beginsTLS() bool {
	if c.checked || len(c.pending) == 0 {
		return false
	}
	c.checked = true
	if c.pending[0] != recordHandshake {
		return false
	}
	if c.onTLS != nil {
		c.onTLS(c.RemoteAddr())
	}
	return true
}

// refuse replaces the pending bytes by a head that net/http refuses.
func (c *framingConn) refuse() {
	c.pending, c.bodyLeft = []byte(invalidHead), untilClose
	c.passable = len(c.pending)
}

// fill reads from the connection once and appends the bytes to pending.
func (c *framingConn) fill() (int, error) {
	if len(c.pending) == 0 {
		c.pending = c.buf[:0]
	}
	c.pending = slices.Grow(c.pending, minRead)
	n, err := c.Conn.Read(c.pending[len(c.pending):cap(c.pending)])
	c.pending = c.pending[:len(c.pending)+n]
	return n, err
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// headLength returns the length of the head at the beginning of b, including its empty line, or 0
// if the head is incomplete. The search for its end begins at offset from.
func headLength(b []byte, from int) int {
	for i := from; i < len(b); i++ {
		if b[i] != '\n' || i+1 == len(b) {
			continue
		}
		switch next := b[i+1:]; {
		case next[0] == '\n':
			return i + 2
		case bytes.HasPrefix(next, []byte("\r\n")):
			return i + 3
		}
	}
	return 0
}

// admitHead passes the head at the beginning of pending on and sets bodyLeft from it. If the body
// length is ambiguous, it replaces the head by one that net/http refuses.
func (c *framingConn) admitHead(length int) {
	f := parseFraming(string(c.pending[:length]))
	switch {
	case f.ambiguous():
		c.refuse()
		return
	case f.chunked():
		c.bodyLeft = untilClose // the server closes the connection after the response
	case f.lengths > 0:
		c.bodyLeft = f.length
	}
	c.passable = length
}

// NetConn returns the underlying connection.
func (c *framingConn) NetConn() net.Conn { return c.Conn }

// CloseWrite shuts down the sending side, as net/http does with a *net.TCPConn.
func (c *framingConn) CloseWrite() error { return closeWrite(c.Conn) }

// bodyFraming holds the header fields that determine the length of a request's body.
type bodyFraming struct {
	lengths int      // number of Content-Length lines
	length  int64    // their value, or untilClose if it is invalid or repeated
	codings []string // values of the Transfer-Encoding lines
	http10  bool
}

func (f bodyFraming) chunked() bool { return len(f.codings) > 0 }

// ambiguous reports whether two readers may disagree on the length: the head has both a
// Content-Length and a Transfer-Encoding, or a Transfer-Encoding that one of the readers may not
// support.
func (f bodyFraming) ambiguous() bool {
	return f.chunked() &&
		(f.lengths > 0 || f.http10 || len(f.codings) > 1 || !strings.EqualFold(f.codings[0], "chunked"))
}

func parseFraming(head string) bodyFraming {
	var f bodyFraming
	// net/http tolerates an empty line before a request, which old clients send after a POST.
	first, lines, _ := strings.Cut(strings.TrimLeft(head, "\r\n"), "\n")
	f.http10 = strings.HasSuffix(strings.TrimRight(first, "\r"), "HTTP/1.0")
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.Trim(value, " \t\r\n")
		switch {
		case strings.EqualFold(name, "Transfer-Encoding"):
			f.codings = append(f.codings, value)
		case strings.EqualFold(name, "Content-Length"):
			f.lengths++
			f.length = parseLength(value)
		}
	}
	if f.lengths > 1 {
		f.length = untilClose
	}
	return f
}

// parseLength parses the value of a Content-Length. It returns untilClose if the value is invalid;
// net/http refuses the request.
func parseLength(value string) int64 {
	var n int64
	for _, c := range []byte(value) {
		if c < '0' || c > '9' || n > 1<<50 {
			return untilClose
		}
		n = 10*n + int64(c-'0')
	}
	if value == "" {
		return untilClose
	}
	return n
}
