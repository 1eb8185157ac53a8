package httpapi

import (
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// publicURL is the URL of this server as its clients see it. Behind proxies, it differs from the
// one that the server listens on.
type publicURL struct {
	scheme, host string
	prefix       string // of all paths: what proxies have removed, and the subdirectory; "" or "/sub/dir"
	removed      string // the part of the prefix that proxies have removed
}

// String returns the URL without a final slash.
func (u publicURL) String() string { return u.scheme + "://" + u.host + u.prefix }

// publicURL returns the URL of this server as the client of the request addressed it. The headers
// X-Forwarded-Proto, -Host and -Prefix are used only if they come from a trusted proxy, appear
// once, and are valid. A proxy that does not write them must remove them.
func (req *request) publicURL() publicURL {
	r, a := req.Request(), req.api
	u := publicURL{scheme: a.cfg.Protocol, host: "HOST", prefix: a.prefix}
	if isPlainHost(r.Host) {
		u.host = r.Host
	}
	if peer, ok := parseAddr(r.RemoteAddr); !ok || !a.proxies.contains(peer) {
		return u
	}
	if proto := strings.ToLower(onlyValue(r.Header, "X-Forwarded-Proto")); proto == "http" || proto == "https" {
		u.scheme = proto
	}
	if host := onlyValue(r.Header, "X-Forwarded-Host"); isPlainHost(host) && a.hostAllowed(host) {
		u.host = host
	}
	if prefix := strings.TrimSuffix(onlyValue(r.Header, "X-Forwarded-Prefix"), "/"); len(prefix) <= maxPrefix && forwardedPrefix.MatchString(prefix) {
		u.removed, u.prefix = prefix, prefix+a.prefix
	}
	return u
}

// maxPrefix limits the length of a prefix in bytes.
const maxPrefix = 200

// forwardedPrefix matches a path of plain segments. They do not begin with a dot, so that the path
// has no "..", and none is empty, because a link to //NAME leads to another host.
var forwardedPrefix = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

// onlyValue returns the value of a header that has one line with one value, and "" otherwise: the
// part that a client wrote cannot be known.
func onlyValue(h http.Header, name string) string {
	lines := h.Values(name)
	if len(lines) != 1 || strings.Contains(lines[0], ",") {
		return ""
	}
	return strings.TrimSpace(lines[0])
}

// plainName matches host names and IPv4 addresses.
var plainName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?$`)

// isPlainHost reports whether host is a name or an address, with or without a port, that can be
// part of a URL without quoting.
func isPlainHost(host string) bool {
	name, ok := hostName(host)
	if !ok {
		return false
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		if port, err := strconv.ParseUint(host[i+1:], 10, 16); err != nil || port == 0 {
			return false
		}
	}
	if strings.HasPrefix(host, "[") {
		addr, err := netip.ParseAddr(name)
		return err == nil && addr.Is6() && addr.Zone() == ""
	}
	return plainName.MatchString(name)
}
