package egress

import (
	"context"
	"net"
	"net/netip"
	"time"

	"tabcell/runtime/internal/grant"
)

// conn is a connection of a script.
type conn struct {
	session *Session
	handle  int32
	grant   *grant.Grant // of the first rule when the connection was opened; its limits apply
	ctx     context.Context
	cancel  context.CancelFunc
	begun   time.Time

	// The fields below are guarded by Session.mu.

	rules   []rule // targets that the connection may be; the first names it
	dialing bool
	raw     net.Conn // nil while dialing
	stream  net.Conn // raw, or the TLS connection over it
	addr    netip.AddrPort
	failed  *grant.Error // of dialing or sending; the connection is of no use any more

	reading bool
	in      []byte // received and not read by the script
	inErr   *grant.Error
	inEnd   bool // no more bytes will come

	writing bool
	outEnd  bool // the script has ended its side

	handshake handshake
	guard     *guard // of the bytes that the script sends; nil if they may be any

	received, sent int64
	plainIn        int64        // received before TLS
	plain          []byte       // sent before TLS, at most maxOpening bytes
	first          *grant.Error // the first error, for the report
	closing        bool
	released       bool
}

// fail ends the use of the connection. Session.mu must be held.
func (c *conn) fail(err *grant.Error) {
	c.note(err)
	if c.failed == nil {
		c.failed = err
	}
}

// note keeps the first error for the report. Errors of the script itself do not count. Session.mu
// must be held.
func (c *conn) note(err *grant.Error) {
	if c.first == nil && err.Code != grant.Again && err.Code != grant.Pipe {
		c.first = err
	}
}

// worked forgets a timeout after which the connection has worked. Session.mu must be held.
func (c *conn) worked() {
	if c.first != nil && c.first.Code == grant.Timeout {
		c.first = nil
	}
}

// noted keeps the first error for the report and returns err.
func (c *conn) noted(err *grant.Error) *grant.Error {
	if err != nil {
		c.session.mu.Lock()
		defer c.session.mu.Unlock()
		c.note(err)
	}
	return err
}

// abort closes the network connection at once, so that all goroutines of c end.
func (c *conn) abort() {
	c.cancel()
	c.session.mu.Lock()
	c.closing = true
	raw := c.raw
	c.session.mu.Unlock()
	if raw != nil {
		_ = raw.Close()
	}
}

// closeTime bounds the end of a connection: the bytes that are being sent, and TLS's last message.
const closeTime = 2 * time.Second

// close ends the connection for the script, after all bytes of the script have been sent.
func (c *conn) close() {
	s := c.session
	s.mu.Lock()
	c.closing = true
	s.usageOf(c.grant).connections--
	stream, handshaking := c.stream, c.handshake.running
	s.mu.Unlock()
	if stream != nil && !handshaking {
		_ = s.await(closeTime, func() bool { return !c.writing })
	}
	s.work.Go(func() {
		if stream != nil && !handshaking {
			_ = stream.SetDeadline(time.Now().Add(closeTime))
			_ = stream.Close()
		}
		c.abort()
		c.release()
	})
}

// release ends the count of the connection and reports it.
func (c *conn) release() {
	s := c.session
	s.mu.Lock()
	if c.released {
		s.mu.Unlock()
		return
	}
	c.released = true
	delete(s.conns, c.handle)
	use := c.use()
	s.mu.Unlock()
	s.network.leave(s.owner())
	s.observe(use)
}

// use returns the report of the connection. Session.mu must be held.
func (c *conn) use() grant.Use {
	u := grant.Use{
		Grant: c.rules[0].grant.Name, Target: c.rules[0].target.String(), In: c.received, Out: c.sent,
		Duration: time.Since(c.begun), Outcome: grant.OutcomeOK,
	}
	if c.addr.IsValid() {
		u.Address = c.addr.String()
	}
	if c.first != nil {
		u.Outcome, u.Error = c.first.Code.Outcome(), c.first.Text
	}
	return u
}

// Close closes a connection.
func (s *Session) Close(handle int32) *grant.Error {
	c, err := s.conn(handle)
	if err == nil {
		c.close()
	}
	return err
}
