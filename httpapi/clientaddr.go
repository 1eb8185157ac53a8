package httpapi

import (
	"fmt"
	"iter"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// trustedProxies lists the networks of the proxies whose forwarding headers are trusted.
type trustedProxies []netip.Prefix

// parseProxies parses addresses and networks such as "10.0.0.7" and "10.1.0.0/16".
func parseProxies(list []string) (trustedProxies, error) {
	var all trustedProxies
	for _, text := range list {
		network, err := netip.ParsePrefix(text)
		if addr, ok := parseAddr(text); ok {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is invalid; use an address such as 10.0.0.7 or a network such as 10.1.0.0/16", text)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

func (p trustedProxies) contains(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(addr) })
}

// clientAddr returns the address that the request came from: the peer of the connection or, if that
// is a trusted proxy, the address before the last trusted proxy. It is used in the log and to
// throttle sign-in attempts.
func (req *request) clientAddr() string {
	remote := req.Request().RemoteAddr
	peer, ok := parseAddr(remote)
	if !ok {
		return remote
	}
	return req.api.proxies.clientAddr(peer, req.Request().Header).String()
}

// clientAddr evaluates X-Forwarded-For and Forwarded (RFC 7239) from the right, as far as trusted
// proxies wrote them. A proxy passes on the header that it does not write. If both headers are
// present and disagree, the client has forged one of them, and both are ignored.
func (p trustedProxies) clientAddr(peer netip.Addr, h http.Header) netip.Addr {
	if !p.contains(peer) {
		return peer
	}
	xffLines, forwardedLines := h.Values("X-Forwarded-For"), h.Values("Forwarded")
	xForwardedFor := p.firstUntrusted(peer, hopsBackwards(xffLines, xForwardedForHops))
	forwarded := p.firstUntrusted(peer, hopsBackwards(forwardedLines, forwardedHops))
	switch {
	case len(forwardedLines) == 0, xForwardedFor == forwarded:
		return xForwardedFor
	case len(xffLines) == 0:
		return forwarded
	}
	return peer
}

// firstUntrusted returns the first of the hops, beginning at the server, that is not a trusted
// proxy. It stops at a hop without a valid address.
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

// hopsBackwards yields the hops of a header, which may have several lines, from the last to the
// first.
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

// xForwardedForHops returns the hops in a line of X-Forwarded-For.
func xForwardedForHops(line string) []string {
	hops := strings.Split(line, ",")
	for i, text := range hops {
		hops[i] = strings.TrimSpace(text)
	}
	return hops
}

// forwardedHops returns the values of "for" in a line of Forwarded, such as
// `by=_x; For="[2001:db8::1]:4711"`.
func forwardedHops(line string) []string {
	elements, ok := splitQuoted(line, ',')
	if !ok {
		return []string{""} // an open quote from the client would hide the proxy's elements
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

// splitQuoted splits s at separators outside double quotes. ok is false if the last quote is not
// closed.
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

// parseAddr parses an address such as "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]"
// or "[2001:db8::1]:4711", without its port.
func parseAddr(text string) (netip.Addr, bool) {
	whole, err := netip.ParseAddrPort(text) // the form of every request's RemoteAddr
	addr := whole.Addr()
	if err != nil {
		addr, err = netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	}
	return addr.Unmap().WithZone(""), err == nil
}
