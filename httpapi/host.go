package httpapi

import (
	"net/netip"
	"slices"
	"strings"
)

// hostAllowed guards a server that only this machine can reach against DNS rebinding: a page whose name was made to point here would let
// its scripts run here, in the reader's browser. Such a request names the page's host. Addresses are no names; names without a dot are of
// this machine or network, since there are none in the public DNS; and HTTP/1.0 without a Host is no browser.
//
// GAP: TabPy answers to any Host.
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

// hostName is the name or address in a Host header such as "tabpy.example:9004" or "[::1]:9004"; not ok: it is none.
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
