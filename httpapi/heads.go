package httpapi

import (
	"bytes"
	"net"
	"slices"
	"strings"
)

// heads is a listener whose connections let no request through that has more than one length. net/http takes chunks and drops the
// Content-Length without a trace; a proxy in front may have believed the other one, and see a second request in what is a body here (RFC
// 9112, 6.1). TabPy answers 400. Over TLS there is no such listener: there the connection closes after any chunked request, as it does here,
// and nothing that follows is read.
type heads struct{ net.Listener }

func (l heads) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &headConn{Conn: conn, room: make([]byte, headRoom)}, nil
}

// headConn hands on one request at a time, its head only when it is whole. It does not parse what it need not: what it cannot make sense of
// goes on to net/http as it came, which refuses it.
type headConn struct {
	net.Conn
	room  []byte // to read into, while nothing is held
	held  []byte // bytes that were read and not handed on
	ready int    // how many of them may be handed on
	body  int64  // bytes of the current body that are still to come; rest: everything that comes
}

const (
	rest      = -1
	headRoom  = 4 << 10 // net/http's own buffer is as large
	leastRoom = 512

	refusedHead = "refused\r\n\r\n" // no request line: net/http answers 400 and closes
)

// Read is net.Conn's. After an error, such as a deadline, it can be called again.
func (c *headConn) Read(p []byte) (int, error) {
	for c.ready == 0 {
		if c.body != 0 && len(c.held) == 0 {
			return c.readBody(p)
		}
		if c.body != 0 {
			c.ready = len(c.held)
			if c.body != rest {
				c.ready = int(min(int64(c.ready), c.body))
				c.body -= int64(c.ready)
			}
			break
		}
		if err := c.readHead(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.held[:c.ready])
	c.held, c.ready = c.held[n:], c.ready-n
	return n, nil
}

func (c *headConn) readBody(p []byte) (int, error) {
	if c.body != rest {
		p = p[:min(int64(len(p)), c.body)]
	}
	n, err := c.Conn.Read(p)
	if c.body != rest {
		c.body -= int64(n)
	}
	return n, err
}

// readHead reads on until held begins with a head, or with what is none.
func (c *headConn) readHead() error {
	for searched := 0; ; {
		if end := headEnd(c.held, searched); end > 0 {
			c.judge(end)
			return nil
		}
		if len(c.held) > mostHeads+headRoom {
			c.body = rest // too long for net/http, too
			return nil
		}
		searched = max(0, len(c.held)-len("\n\r"))
		if n, err := c.fill(); err != nil && n == 0 {
			if len(c.held) > 0 && !isTimeout(err) {
				c.body = rest
				return nil
			}
			return err
		}
	}
}

func (c *headConn) fill() (int, error) {
	if len(c.held) == 0 {
		c.held = c.room[:0]
	}
	c.held = slices.Grow(c.held, leastRoom)
	n, err := c.Conn.Read(c.held[len(c.held):cap(c.held)])
	c.held = c.held[:len(c.held)+n]
	return n, err
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// headEnd is the length of the head at the beginning of b, with its empty line; 0 while there is no end. The bytes before from were searched.
func headEnd(b []byte, from int) int {
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

// judge lets a head pass and finds out how long its body is, or puts one in its place that net/http refuses.
func (c *headConn) judge(end int) {
	f := framingOf(string(c.held[:end]))
	switch {
	case f.refused():
		c.held, c.body = []byte(refusedHead), rest
		c.ready = len(c.held)
		return
	case f.chunked():
		c.body = rest // the connection closes afterwards
	case f.lengths > 0:
		c.body = f.length
	}
	c.ready = end
}

// framing is what a head says about the length of its body.
type framing struct {
	lengths int // how many Content-Length lines there are
	length  int64
	codings []string // values of Transfer-Encoding lines
	old     bool     // HTTP/1.0
}

func (f framing) chunked() bool { return len(f.codings) > 0 }

// refused reports whether a body has two lengths, or one that only one of two readers may know.
func (f framing) refused() bool {
	return f.chunked() && (f.lengths > 0 || f.old || len(f.codings) > 1 || !strings.EqualFold(f.codings[0], "chunked"))
}

func framingOf(head string) framing {
	var f framing
	first, lines, _ := strings.Cut(strings.TrimLeft(head, "\r\n"), "\n") // net/http forgives an empty line after a POST
	f.old = strings.HasSuffix(strings.TrimRight(first, "\r"), "HTTP/1.0")
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.Trim(value, " \t\r\n")
		switch {
		case strings.EqualFold(name, "Transfer-Encoding"):
			f.codings = append(f.codings, value)
		case strings.EqualFold(name, "Content-Length"):
			f.lengths++
			f.length = bodyLength(value)
		}
	}
	if f.lengths > 1 {
		f.length = rest
	}
	return f
}

// bodyLength is rest for what is no length, which net/http refuses.
func bodyLength(value string) int64 {
	var n int64
	for _, c := range []byte(value) {
		if c < '0' || c > '9' || n > 1<<50 {
			return rest
		}
		n = 10*n + int64(c-'0')
	}
	if value == "" {
		return rest
	}
	return n
}

// CloseWrite is for net/http, as that of a *net.TCPConn.
func (c *headConn) CloseWrite() error { return closeWrite(c.Conn) }
