package egress

import (
	"strconv"
	"time"

	"tabcell/runtime/internal/grant"
)

// The events of Poll.
const (
	PollRead    = 1
	PollWrite   = 2
	PollError   = 4
	PollHangup  = 8
	PollInvalid = 16 // no such handle
)

// PollEntry is a connection that Poll waits for.
type PollEntry struct {
	Handle   int32
	Events   uint32 // PollRead, PollWrite
	Returned uint32 // set by Poll
}

// Poll waits until one of the connections is ready and returns the number of those that are. It
// returns 0 after the timeout.
func (s *Session) Poll(entries []PollEntry, timeout time.Duration) (int, *grant.Error) {
	ready := 0
	err := s.await(timeout, func() bool {
		ready = 0
		for i := range entries {
			e := &entries[i]
			if e.Returned = s.state(e.Handle, e.Events); e.Returned != 0 {
				ready++
			}
		}
		return ready > 0
	})
	if err != nil && (err.Code == grant.Timeout || err.Code == grant.Again) {
		return 0, nil
	}
	return ready, err
}

// state returns the events of a connection that have come. mu must be held.
func (s *Session) state(handle int32, events uint32) (returned uint32) {
	c := s.conns[handle]
	switch {
	case c == nil || c.closing:
		return PollInvalid
	case c.failed != nil:
		return PollError | events&(PollRead|PollWrite)
	case c.dialing || c.handshake.running:
		return 0
	}
	if events&PollRead != 0 {
		if c.startRead(); c.readable() {
			returned |= PollRead
		}
	}
	if events&PollWrite != 0 && !c.writing {
		returned |= PollWrite
	}
	if c.inEnd && c.outEnd {
		returned |= PollHangup
	}
	return returned
}

// The facts of Info.
const (
	InfoPeer        = 1 // the address and the port, on two lines
	InfoTLSVersion  = 2 // "TLSv1.3"; empty without TLS
	InfoTLSName     = 3 // that was verified
	InfoError       = 4 // the code of the pending error as a decimal number, which is cleared
	InfoCertificate = 5 // of the other side, in DER; empty without TLS
)

// Info returns a fact about a connection. The pending error is returned too.
func (s *Session) Info(handle int32, fact uint32) ([]byte, *grant.Error, *grant.Error) {
	c, err := s.conn(handle)
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch fact {
	case InfoPeer:
		return []byte(c.peer()), nil, nil
	case InfoError:
		pending := c.failed
		if c.dialing {
			pending = grant.Errorf(grant.Again, "the connection is being made")
		}
		if pending == nil {
			return []byte("0"), nil, nil
		}
		return []byte(strconv.Itoa(int(pending.Code))), pending, nil
	case InfoTLSVersion, InfoTLSName, InfoCertificate:
		return c.tlsInfo(fact), nil, nil
	}
	return nil, nil, grant.Errorf(grant.Invalid, "a connection has no fact with the number %d", fact)
}

// peer returns the address and port of the other side. With a proxy, that is the name. Session.mu
// must be held.
func (c *conn) peer() string {
	if c.addr.IsValid() {
		return c.addr.Addr().String() + "\n" + strconv.Itoa(int(c.addr.Port()))
	}
	return string(c.rules[0].target.Host) + "\n" + strconv.Itoa(int(c.rules[0].target.Port))
}

// tlsInfo returns a fact about TLS, or nil without TLS. Session.mu must be held.
func (c *conn) tlsInfo(fact uint32) []byte {
	switch {
	case !c.isTLS():
		return nil
	case fact == InfoTLSName:
		return []byte(c.handshake.name)
	case fact == InfoCertificate:
		return c.handshake.state.PeerCertificates[0].Raw
	}
	return []byte(versionName(c.handshake.state.Version))
}

// versionName returns Python's name of a version of TLS.
func versionName(version uint16) string { return "TLSv1." + strconv.Itoa(int(version-0x0301)) }
