package httpapi

import (
	"net/netip"
	"slices"
	"strings"
)

// hostAllowed reports whether requests for host are served. It protects a server that only this
// machine can reach against DNS rebinding: a web page whose name has been made to resolve to this
// machine can send requests from the reader's browser, and these carry the page's host name.
//
// Addresses are allowed, as are names without a dot: there are none in the public DNS, so they
// belong to this machine or network. A request without a host is HTTP/1.0 and does not come from a
// browser.
//
// GAP: TabPy serves every host.
func (a *API) hostAllowed(host string) bool {
	name, ok := hostName(host)
	switch {
	case len(a.cfg.AllowedHosts) == 0, host == "":
		return true
	case !ok:
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return true
	}
	return slices.ContainsFunc(a.cfg.AllowedHosts, func(h string) bool { return strings.EqualFold(strings.TrimSuffix(h, "."), name) })
}

// hostName returns the name or address in a Host header such as "tabpy.example:9004" or
// "[::1]:9004". ok is false if the header is invalid.
func hostName(host string) (name string, ok bool) {
	name = host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		port := host[i+1:]
		if strings.Trim(port, "0123456789") != "" {
			return "", false
		}
		name = host[:i]
	}
	if inner, bracket := strings.CutPrefix(name, "["); bracket {
		return strings.CutSuffix(inner, "]")
	}
	return strings.TrimSuffix(name, "."), !strings.ContainsAny(name, ":]")
}
