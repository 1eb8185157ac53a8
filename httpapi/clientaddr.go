package httpapi

import (
	"fmt"
	"iter"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the addresses whose word on where a request came from is believed.
type trustedProxies []netip.Prefix

// parseProxies reads addresses and networks, such as "10.0.0.7" and "10.1.0.0/16".
func parseProxies(list []string) (trustedProxies, error) {
	var all trustedProxies
	for _, text := range list {
		network, err := netip.ParsePrefix(text)
		if addr, ok := parseAddr(text); ok {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q: neither an address such as 10.0.0.7 nor a network such as 10.1.0.0/16", text)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

func (p trustedProxies) contains(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(addr) })
}

// source is the address that a request came from, as text: the other end of the connection, or, if that is a trusted proxy, the address
// before the last trusted one. The log and the throttling of sign-in attempts use it.
func (req *request) clientAddr() string {
	remote := req.Request().RemoteAddr
	peer, ok := parseAddr(remote)
	if !ok {
		return remote
	}
	return req.api.proxies.clientAddr(peer, req.Request().Header).String()
}

// source believes X-Forwarded-For or Forwarded (RFC 7239) as far as trusted proxies wrote them, from the right. A proxy passes on the
// header that it does not write: where both are there and disagree, one is the client's invention, and neither is believed.
func (p trustedProxies) clientAddr(peer netip.Addr, h http.Header) netip.Addr {
	if !p.contains(peer) {
		return peer
	}
	plain, standard := h.Values("X-Forwarded-For"), h.Values("Forwarded")
	byPlain := p.firstUntrusted(peer, hopsBackwards(plain, xForwardedForHops))
	byStandard := p.firstUntrusted(peer, hopsBackwards(standard, forwardedHops))
	switch {
	case len(standard) == 0, byPlain == byStandard:
		return byPlain
	case len(plain) == 0:
		return byStandard
	}
	return peer
}

// furthest goes back along the hops up to the first that is not trusted. A hop that names no address ends the way.
func (p trustedProxies) firstUntrusted(peer netip.Addr, hops iter.Seq[string]) netip.Addr {
	for text := range hops {
		addr, ok := parseAddr(text)
		if !ok {
			return peer
		}
		if peer = addr; !p.contains(addr) {
			return addr
		}
	}
	return peer
}

// backwards yields the hops of a header that may be spread over several lines, the last one first.
func hopsBackwards(lines []string, hops func(line string) []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range slices.Backward(lines) {
			for _, text := range slices.Backward(hops(line)) {
				if !yield(text) {
					return
				}
			}
		}
	}
}

func xForwardedForHops(line string) []string {
	hops := strings.Split(line, ",")
	for i, text := range hops {
		hops[i] = strings.TrimSpace(text)
	}
	return hops
}

// standardHops are the values of "for" in elements such as `by=_x; For="[2001:db8::1]:4711"`.
func forwardedHops(line string) []string {
	elements, ok := splitQuoted(line, ',')
	if !ok {
		return []string{""} // a quote that a client opened would swallow what the proxy added
	}
	hops := make([]string, len(elements))
	for i, element := range elements {
		pairs, _ := splitQuoted(element, ';')
		for _, pair := range pairs {
			if name, value, _ := strings.Cut(pair, "="); strings.EqualFold(strings.TrimSpace(name), "for") {
				hops[i] = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return hops
}

// splitQuoted splits at a separator outside of double quotes; not ok: the last quote is never closed.
func splitQuoted(s string, separator byte) (parts []string, ok bool) {
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted && s[i] == '\\':
			i++
		case !quoted && s[i] == separator:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:]), !quoted
}

// hop is the address of a text such as "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:4711".
func parseAddr(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		var whole netip.AddrPort
		whole, err = netip.ParseAddrPort(text)
		addr = whole.Addr()
	}
	return addr.Unmap().WithZone(""), err == nil
}
