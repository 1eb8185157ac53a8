package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tabcell/runtime/internal/grant"
)

// rule is a target of a grant.
type rule struct {
	target grant.Target
	grant  *grant.Grant
}

// rules returns the targets of the host and port, in the order of the grants. Port 0 means any.
func (s *Session) rules(h grant.Host, port uint16) (all []rule) {
	for _, g := range s.options.Grants.List {
		for _, t := range g.Connect {
			if t.Host == h && (port == 0 || t.Port == port) {
				all = append(all, rule{t, g})
			}
		}
	}
	return all
}

// Resolve returns the addresses of a name or an address that is granted for the port. Port 0 means
// any port. The addresses of a name are pinned to it for the rest of the call.
func (s *Session) Resolve(host string, port uint16, timeout time.Duration) ([]netip.Addr, *grant.Error) {
	if s.ctx.Err() != nil {
		return nil, interrupted()
	}
	h, err := grant.ParseHost(host)
	if err != nil {
		return nil, s.refuse(nil, Where(host, port), s.noGrant(Where(host, port)))
	}
	rules := s.rules(h, port)
	if len(rules) == 0 {
		return nil, s.refuse(nil, Where(string(h), port), s.noGrant(Where(string(h), port)))
	}
	if addr, ok := h.Addr(); ok {
		return []netip.Addr{addr}, nil
	}
	to := route{h, rules[0].grant.Proxy != nil}
	if addrs := s.resolved[to]; addrs != nil {
		return addrs, nil
	}
	s.options.Used()
	addrs, failed := s.lookUp(h, rules, timeout)
	if failed != nil {
		return nil, s.refuse(rules[0].grant, rules[0].target.String(), failed)
	}
	s.pin(to, addrs)
	return addrs, nil
}

// pin binds the addresses to the name.
func (s *Session) pin(to route, addrs []netip.Addr) {
	s.resolved[to] = addrs
	for _, addr := range addrs {
		s.pinned[addr] = append(s.pinned[addr], to.host)
	}
}

var loopback = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}

// lookUp returns the addresses that the name may have. With a proxy, that is a placeholder.
func (s *Session) lookUp(h grant.Host, rules []rule, timeout time.Duration) ([]netip.Addr, *grant.Error) {
	if h.IsLocalhost() {
		return loopback, nil
	}
	if rules[0].grant.Proxy != nil {
		n := len(s.resolved) + 1
		return []netip.Addr{netip.AddrFrom4([4]byte{240, 0, byte(n >> 8), byte(n)})}, nil
	}
	found, err := s.query(h, timeout)
	if err != nil {
		return nil, err
	}
	var allowed []netip.Addr
	kind, bad := "", netip.Addr{}
	for _, addr := range found {
		addr = addr.Unmap()
		if k := special(addr); k != "" {
			kind, bad = k, addr
		} else if !slices.Contains(allowed, addr) {
			allowed = append(allowed, addr)
		}
	}
	if len(allowed) == 0 && kind != "" {
		return nil, grant.Errorf(grant.Denied, "%s has the address %s, %s; such an address has to be granted itself, not by a name", h, bad, kind)
	}
	if len(allowed) == 0 {
		return nil, grant.Errorf(grant.NotFound, "%s has no address", h)
	}
	return allowed, nil
}

// query asks the resolver for the addresses of a name.
func (s *Session) query(h grant.Host, timeout time.Duration) ([]netip.Addr, *grant.Error) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	var result struct {
		done  bool
		addrs []netip.Addr
		err   error
	}
	s.work.Go(func() {
		addrs, err := s.network.limits.Resolver.LookupNetIP(ctx, "ip", string(h))
		s.mu.Lock()
		defer s.mu.Unlock()
		result.done, result.addrs, result.err = true, addrs, err
		s.changed()
	})
	if err := s.await(timeout, func() bool { return result.done }); err != nil {
		return nil, err
	}
	if result.err != nil {
		return nil, resolveError(h, result.err)
	}
	return result.addrs, nil
}

// resolveError returns the error of a name that was not resolved.
func resolveError(h grant.Host, err error) *grant.Error {
	failure, ok := errors.AsType[*net.DNSError](err)
	switch {
	case ok && failure.IsNotFound:
		return grant.Errorf(grant.NotFound, "%s does not exist", h)
	case ok:
		return grant.Errorf(grant.Resolve, "%s could not be resolved: %s", h, failure.Err)
	}
	return grant.Errorf(grant.Resolve, "%s could not be resolved: %v", h, err)
}

// noGrant is the error of a target without a grant.
func (s *Session) noGrant(target string) *grant.Error {
	return NoGrant(target, s.options.Grants.OwnerText())
}

// NoGrant returns the error of a target without a grant.
func NoGrant(target, owner string) *grant.Error {
	return grant.Errorf(grant.Denied, "no grant of this server allows a connection to %s (%s); ask the administrator", target, owner)
}

// Where returns a host and port for texts. The host may come from a script. Port 0 means none.
func Where(host string, port uint16) string {
	host = strings.Trim(strconv.Quote(host[:min(len(host), 253)]), `"`)
	if port == 0 {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
