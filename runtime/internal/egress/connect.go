package egress

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"tabcell/runtime/internal/grant"
)

// Connect connects to a port of a host and returns the handle of the connection. The host is an
// address that this call has resolved, or a name or an address that is granted. If the timeout is
// 0, the connection is made in the background.
func (s *Session) Connect(host string, port uint16, timeout time.Duration) (int32, *grant.Error) {
	if s.ctx.Err() != nil {
		return 0, interrupted()
	}
	begun := time.Now()
	if port == 0 {
		return 0, grant.Errorf(grant.Invalid, "port 0 cannot be connected to")
	}
	h, err := grant.ParseHost(host)
	if err != nil {
		return 0, s.refuse(nil, Where(host, port), s.noGrant(Where(host, port)))
	}
	addr, ok := h.Addr()
	if ok {
		return s.connectTo([]netip.Addr{addr}, s.rulesAt(addr, port), port, timeout)
	}
	wait := timeout
	if wait == 0 {
		wait = Forever // a name is never resolved in the background
	}
	addrs, failed := s.Resolve(host, port, wait)
	if failed != nil {
		return 0, failed
	}
	return s.connectTo(addrs, s.rules(h, port), port, left(timeout, begun))
}

// left returns the rest of a timeout that began to run at the given time.
func left(timeout time.Duration, begun time.Time) time.Duration {
	if timeout <= 0 {
		return timeout
	}
	return max(timeout-time.Since(begun), 1)
}

// rulesAt returns the targets that an address may be: those with the address itself, and those with
// a name that this call has resolved to it, the last one first.
func (s *Session) rulesAt(addr netip.Addr, port uint16) []rule {
	all := s.rules(grant.Host(addr.String()), port)
	for _, name := range slices.Backward(s.pinned[addr]) {
		all = append(all, s.rules(name, port)...)
	}
	return all
}

// connectTo connects to the first of the addresses that can be reached, as the target of any of the
// rules.
func (s *Session) connectTo(addrs []netip.Addr, rules []rule, port uint16, timeout time.Duration) (int32, *grant.Error) {
	if len(rules) == 0 {
		target := Where(addrs[0].String(), port)
		if names := s.pinned[addrs[0]]; len(names) > 0 {
			target = Where(string(names[len(names)-1]), port)
		}
		return 0, s.refuse(nil, target, s.noGrant(target))
	}
	to := make([]netip.AddrPort, 0, len(addrs))
	var failed *grant.Error
	for _, addr := range addrs {
		if failed = s.check(addr, port, rules[0]); failed == nil {
			to = append(to, netip.AddrPortFrom(addr, port))
		}
	}
	if len(to) == 0 {
		return 0, s.refuse(rules[0].grant, rules[0].target.String(), failed)
	}
	s.options.Used()
	c, failed := s.open(rules)
	if failed != nil {
		return 0, s.refuse(rules[0].grant, rules[0].target.String(), failed)
	}
	return c.connect(to, timeout)
}

// check returns an error if a name must not reach the address and port.
func (s *Session) check(addr netip.Addr, port uint16, r rule) *grant.Error {
	if _, literal := r.target.Host.Addr(); literal || r.target.Host.IsLocalhost() || r.grant.Proxy != nil {
		return nil
	}
	kind := special(addr)
	if kind == "" && s.network.isOwnPort(netip.AddrPortFrom(addr, port)) {
		kind = "a port of this server"
	}
	if kind == "" {
		return nil
	}
	return grant.Errorf(grant.Denied, "%s leads to %s, %s; it has to be granted as an address, not by a name", r.target.Host, Where(addr.String(), port), kind)
}

// open adds a connection, if the limits of the grant, the owner and the server allow one more.
func (s *Session) open(rules []rule) (*conn, *grant.Error) {
	g := rules[0].grant
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.usageOf(g)
	switch {
	case s.made >= maxConnections:
		return nil, grant.Errorf(grant.Limit, "the script has made %d connections, the most that one may make", maxConnections)
	case u.connections >= g.Connections():
		return nil, grant.Errorf(grant.Limit, "the script has %d connections open, the most that the grant %s allows (max_connections); close some first",
			u.connections, g.Name)
	case u.bytes >= g.Bytes():
		return nil, bytesLimit(g)
	}
	if err := s.network.admit(s.owner()); err != nil {
		return nil, err
	}
	s.made++
	u.connections++
	c := &conn{session: s, handle: newHandle(), rules: rules, grant: g, dialing: true, begun: time.Now()}
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	s.conns[c.handle] = c
	return c, nil
}

func bytesLimit(g *grant.Grant) *grant.Error {
	return grant.Errorf(grant.Limit, "the script has sent and received %d MB, the most that the grant %s allows (max_mb)", cmp.Or(g.Bytes()>>20, 1), g.Name)
}

// connect dials in the background and waits for the outcome. If there is none before the timeout,
// the connection is closed, unless the timeout is 0.
func (c *conn) connect(to []netip.AddrPort, timeout time.Duration) (int32, *grant.Error) {
	s := c.session
	s.work.Go(func() {
		stream, addr, err := c.dial(to)
		s.mu.Lock()
		defer s.mu.Unlock()
		c.dialing, c.raw, c.stream, c.addr = false, stream, stream, addr
		if err != nil {
			c.fail(dialError(c.rules[0].target, err))
		} else if c.closing {
			_ = stream.Close()
		}
		s.changed()
	})
	if timeout == 0 {
		return c.handle, nil
	}
	failed := s.await(timeout, func() bool { return !c.dialing })
	s.mu.Lock()
	if failed == nil {
		failed = c.failed
	} else {
		c.note(failed)
	}
	s.mu.Unlock()
	if failed != nil {
		c.close()
		return 0, failed
	}
	return c.handle, nil
}
