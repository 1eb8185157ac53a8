package egress

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"time"

	"tabcell/runtime/internal/grant"
)

// handshake is the state of a connection's TLS. Its fields are guarded by Session.mu.
type handshake struct {
	waiting bool // a read of plain bytes is being ended first
	running bool
	done    bool
	err     *grant.Error
	name    grant.Host // that was verified
	state   tls.ConnectionState
}

// StartTLS makes the TLS handshake and verifies the certificate for the name, which must be that of
// a granted target of the connection. If it is empty, it is the name that was connected to. A
// handshake that is not done before the timeout goes on in the background, and another call waits
// for it.
func (s *Session) StartTLS(handle int32, name string, timeout time.Duration) *grant.Error {
	c, err := s.conn(handle)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := s.await(timeout, func() bool { return !c.dialing }); err != nil {
		return err
	}
	if err := c.beginTLS(name, left(timeout, begun)); err != nil {
		return c.noted(err)
	}
	if err := s.await(left(timeout, begun), func() bool { return c.handshake.done }); err != nil {
		return c.noted(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.handshake.err
}

// beginTLS starts the handshake, unless that has been done before.
func (c *conn) beginTLS(name string, timeout time.Duration) *grant.Error {
	s := c.session
	s.mu.Lock()
	begun, failed := c.handshake.running || c.handshake.done, c.failed
	s.mu.Unlock()
	if begun || failed != nil {
		return failed
	}
	if err := c.narrow(name); err != nil {
		return err
	}
	if err := c.endPlain(timeout); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.failed != nil {
		return c.failed
	}
	t := c.rules[0].target
	c.handshake = handshake{running: true, name: t.Host}
	config := &tls.Config{ServerName: string(t.Host), RootCAs: c.rules[0].grant.Roots, MinVersion: tls.VersionTLS12}
	if !c.has(grant.SchemeTCP, grant.SchemeTLS) {
		config.NextProtos = []string{"http/1.1"}
	}
	stream := tls.Client(&prefixed{c.raw, bytes.NewReader(c.in)}, config)
	c.in = nil
	s.work.Go(func() { c.finishTLS(stream) })
	return nil
}

// narrow removes the targets of the connection that have another name, or no TLS.
func (c *conn) narrow(name string) *grant.Error {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	h := c.rules[0].target.Host
	if name != "" {
		var err error
		if h, err = grant.ParseHost(name); err != nil {
			return grant.Errorf(grant.Denied, "no grant of this server allows TLS for %s", Where(name, 0))
		}
	}
	var rules []rule
	for _, r := range c.rules {
		if r.target.Host == h && r.target.Scheme != grant.SchemeHTTP {
			rules = append(rules, r)
		}
	}
	if len(rules) == 0 {
		return grant.Errorf(grant.Denied, "no grant of this server allows TLS for %s on the connection to %s", h, c.rules[0].target)
	}
	c.rules = rules
	return nil
}

// endPlain waits until no plain bytes are being read or sent.
func (c *conn) endPlain(timeout time.Duration) *grant.Error {
	s := c.session
	s.mu.Lock()
	c.handshake.waiting = true
	raw, reading := c.raw, c.reading
	s.mu.Unlock()
	if reading {
		_ = raw.SetReadDeadline(time.Unix(1, 0)) // ends the read
	}
	err := s.await(timeout, func() bool { return !c.reading && !c.writing })
	_ = raw.SetReadDeadline(time.Time{})
	s.mu.Lock()
	c.handshake.waiting = false
	s.mu.Unlock()
	return err
}

// finishTLS makes the handshake.
func (c *conn) finishTLS(stream *tls.Conn) {
	err := stream.HandshakeContext(c.ctx)
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	c.handshake.running, c.handshake.done = false, true
	if err != nil {
		c.handshake.err = tlsError(err)
		c.fail(c.handshake.err)
	} else {
		c.stream, c.handshake.state = stream, stream.ConnectionState()
		c.inEnd, c.inErr = false, nil
	}
	s.changed()
}

// tlsError returns the error of a handshake. Python's texts begin in the same way.
func tlsError(err error) *grant.Error {
	if failed, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return grant.Errorf(grant.Certificate, "certificate verify failed: %s", certificateCause(failed.Err))
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return grant.Errorf(grant.TLS, "the other side does not speak TLS on this port")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return grant.Errorf(grant.TLS, "the other side closed the connection during the TLS handshake")
	}
	if code, text := codeOf(err); code != grant.Unreachable {
		return grant.Errorf(code, "TLS handshake: %s", text)
	}
	return grant.Errorf(grant.TLS, "TLS handshake: %s", plainCause(err))
}

// certificateCause returns the text of a verification error, with the words of OpenSSL for the
// frequent ones.
func certificateCause(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "unable to get local issuer certificate (" + err.Error() + ")"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "certificate has expired (" + err.Error() + ")"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "Hostname mismatch (" + err.Error() + ")"
	}
	return err.Error()
}

// prefixed is a connection of which some bytes have been read already.
type prefixed struct {
	net.Conn
	before *bytes.Reader
}

func (p *prefixed) Read(b []byte) (int, error) {
	if p.before.Len() > 0 {
		return p.before.Read(b)
	}
	return p.Conn.Read(b)
}
