package egress

import (
	"net"
	"slices"
	"time"

	"tabcell/runtime/internal/grant"
)

const (
	// MaxTransfer is the number of bytes that one Send takes, and that one read from the network
	// returns.
	MaxTransfer = 64 << 10
	// maxPlain is the number of bytes that a script may receive before the TLS of a target that needs
	// it begins.
	maxPlain = 16 << 10
)

// isTLS reports whether the TLS handshake is done. Session.mu must be held.
func (c *conn) isTLS() bool { return c.handshake.done && c.handshake.err == nil }

// has reports whether a rule of the connection has one of the schemes. Session.mu must be held.
func (c *conn) has(schemes ...string) bool {
	for _, r := range c.rules {
		for _, s := range schemes {
			if r.target.Scheme == s {
				return true
			}
		}
	}
	return false
}

// usable waits until the connection is made and no handshake is running.
func (c *conn) usable(timeout time.Duration) *grant.Error {
	if err := c.session.await(timeout, func() bool { return !c.dialing && !c.handshake.running }); err != nil {
		return err
	}
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	return c.failed
}

// Send sends bytes and returns their number, which may be smaller than that of b. It returns when
// they are sent, or when the timeout is over; they are then sent in the background. b is not kept.
func (s *Session) Send(handle int32, b []byte, timeout time.Duration) (int, *grant.Error) {
	c, err := s.conn(handle)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := c.usable(timeout); err != nil {
		return 0, c.noted(err)
	}
	b = b[:min(len(b), MaxTransfer)]
	if len(b) == 0 {
		return 0, nil
	}
	if err := s.await(left(timeout, begun), func() bool { return !c.writing || c.failed != nil }); err != nil {
		return 0, c.noted(err)
	}
	n, err := c.write(b)
	if err != nil {
		return 0, c.noted(err)
	}
	// The bytes are taken: if they are not sent before the timeout, this operation has succeeded.
	_ = s.await(left(timeout, begun), func() bool { return !c.writing })
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.failed != nil {
		return 0, c.failed
	}
	c.worked()
	return n, nil
}

// write starts to send b, as far as the rules and limits allow, and returns the number of bytes
// that it has taken.
func (c *conn) write(b []byte) (int, *grant.Error) {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.failed != nil {
		return 0, c.failed
	}
	if c.outEnd {
		return 0, grant.Errorf(grant.Pipe, "the script has ended its side of the connection")
	}
	if err := c.mayWrite(b); err != nil {
		return 0, err
	}
	u := s.usageOf(c.grant)
	room := c.grant.Bytes() - u.bytes
	if room <= 0 {
		return 0, bytesLimit(c.grant)
	}
	n := int(min(int64(len(b)), room))
	out, err := c.inspect(b[:n])
	if err != nil {
		return 0, err
	}
	u.bytes += int64(n)
	c.sent += int64(n)
	if !c.isTLS() && len(c.plain) < maxOpening {
		c.plain = append(c.plain, b[:min(n, maxOpening-len(c.plain))]...)
	}
	if len(out) > 0 {
		c.writing = true
		stream := c.stream
		s.work.Go(func() { c.finishWrite(stream, out) })
	}
	return n, nil
}

// finishWrite sends b, which nothing else uses.
func (c *conn) finishWrite(stream net.Conn, b []byte) {
	_, err := stream.Write(b)
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	c.writing = false
	if err != nil {
		c.fail(streamError(err))
	}
	c.session.changed()
}

// mayWrite returns an error if the connection needs TLS before b is sent. Session.mu must be held.
func (c *conn) mayWrite(b []byte) *grant.Error {
	t := c.rules[0].target
	switch {
	case c.isTLS(), c.has(grant.SchemeTCP, grant.SchemeHTTP):
		return nil
	case !c.has(grant.SchemeTLS):
		return grant.Errorf(grant.Denied, "the grant %s is for %s: the script must use TLS", c.grant.Name, t)
	case !isOpening(append(slices.Clip(c.plain), b...)):
		return grant.Errorf(grant.Denied, "the grant %s is for %s: the script must begin TLS first; "+
			"only a request for it (STARTTLS, or those of PostgreSQL, MySQL and LDAP) may precede it", c.grant.Name, t)
	}
	return nil
}

// inspect returns a copy of the bytes that may be sent now. If the target takes HTTP requests only,
// these are checked first. Session.mu must be held.
func (c *conn) inspect(b []byte) ([]byte, *grant.Error) {
	free := c.has(grant.SchemeTCP, grant.SchemeTLS)
	if free {
		return append([]byte(nil), b...), nil
	}
	if c.guard == nil {
		c.guard = newGuard(c.rules)
	}
	out, err := c.guard.feed(b)
	if err != nil {
		c.fail(err)
	}
	return out, err
}

// The values of Shutdown's how.
const (
	ShutdownRead  = 0
	ShutdownWrite = 1
	ShutdownBoth  = 2
)

// Shutdown ends one or both sides of a connection, after all bytes of the script have been sent.
func (s *Session) Shutdown(handle int32, how uint32) *grant.Error {
	c, err := s.conn(handle)
	if err != nil {
		return err
	}
	if how > ShutdownBoth {
		return grant.Errorf(grant.Invalid, "shutdown knows 0, 1 and 2")
	}
	if err := c.usable(Forever); err != nil {
		return err
	}
	if how != ShutdownRead {
		if err := s.await(closeTime, func() bool { return !c.writing }); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if how != ShutdownWrite {
		c.inEnd = true
	}
	if closer, ok := c.stream.(interface{ CloseWrite() error }); ok && how != ShutdownRead && !c.outEnd {
		c.outEnd = true
		s.work.Go(func() { _ = closer.CloseWrite() })
	}
	return nil
}
