package egress

import (
	"errors"
	"io"
	"net"
	"time"

	"tabcell/runtime/internal/grant"
)

// Receive copies received bytes to b and returns their number: 0 at the end of the stream. b must
// not be empty.
func (s *Session) Receive(handle int32, b []byte, timeout time.Duration) (int, *grant.Error) {
	c, err := s.conn(handle)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := c.usable(timeout); err != nil {
		return 0, c.noted(err)
	}
	s.mu.Lock()
	c.startRead()
	s.mu.Unlock()
	if err := s.await(left(timeout, begun), c.readable); err != nil {
		return 0, c.noted(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(c.in) > 0 {
		c.worked()
		n := copy(b, c.in)
		if c.in = c.in[n:]; len(c.in) == 0 {
			c.in = nil
		}
		return n, nil
	}
	if c.inErr != nil {
		c.note(c.inErr)
	}
	return 0, c.inErr
}

// readable reports whether Receive returns at once. Session.mu must be held.
func (c *conn) readable() bool { return len(c.in) > 0 || c.inEnd || c.inErr != nil || c.failed != nil }

// startRead starts a read from the network, unless there are bytes or a read is running. Session.mu
// must be held.
func (c *conn) startRead() {
	if c.reading || c.readable() || c.dialing || c.handshake.running {
		return
	}
	size := min(c.grant.Bytes()-c.session.usageOf(c.grant).bytes, MaxTransfer)
	if size <= 0 {
		c.inErr = bytesLimit(c.grant)
		return
	}
	if !c.isTLS() && !c.has(grant.SchemeTCP, grant.SchemeHTTP) {
		if size = min(size, maxPlain-c.plainIn); size <= 0 || !c.has(grant.SchemeTLS) {
			c.inErr = grant.Errorf(grant.Denied, "the grant %s is for %s: the script must use TLS", c.grant.Name, c.rules[0].target)
			return
		}
	}
	c.reading = true
	stream := c.stream
	c.session.work.Go(func() { c.finishRead(stream, make([]byte, size)) })
}

// finishRead reads into b, which nothing else uses.
func (c *conn) finishRead(stream net.Conn, b []byte) {
	n, err := stream.Read(b)
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	c.reading = false
	c.in = b[:n:n]
	c.received += int64(n)
	s.usageOf(c.grant).bytes += int64(n)
	if !c.isTLS() {
		c.plainIn += int64(n)
	}
	switch {
	case err == nil, c.handshake.waiting && isTimeout(err):
	case errors.Is(err, io.EOF):
		c.inEnd = true
	default:
		c.inErr = streamError(err)
	}
	s.changed()
}
