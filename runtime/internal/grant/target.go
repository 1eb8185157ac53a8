package grant

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// The schemes of targets.
const (
	SchemeTCP   = "tcp"   // any bytes, with or without TLS
	SchemeTLS   = "tls"   // TLS, which may begin after a few bytes, as for PostgreSQL and STARTTLS
	SchemeHTTPS = "https" // HTTP requests for the host over TLS
	SchemeHTTP  = "http"  // HTTP requests for the host
)

// schemes has the default port of each scheme, or 0 if a target must have a port.
var schemes = map[string]uint16{SchemeTCP: 0, SchemeTLS: 0, SchemeHTTPS: 443, SchemeHTTP: 80}

// Target is a port of one host that may be connected to.
type Target struct {
	Scheme string // one of the schemes above
	Host   Host
	Port   uint16 // not 0
}

// String returns the target as a URL with its port.
func (t Target) String() string {
	return t.Scheme + "://" + net.JoinHostPort(string(t.Host), strconv.Itoa(int(t.Port)))
}

// IsHTTP reports whether the bytes of a connection must be HTTP requests for the host.
func (t Target) IsHTTP() bool { return t.Scheme == SchemeHTTP || t.Scheme == SchemeHTTPS }

// NeedsTLS reports whether a connection must use TLS.
func (t Target) NeedsTLS() bool { return t.Scheme == SchemeHTTPS || t.Scheme == SchemeTLS }

// ParseTarget parses a target, such as https://geo.example.com or tcp://192.0.2.1:1433. Its error
// has the target and what is wrong with it.
func ParseTarget(s string) (Target, error) {
	scheme, rest, found := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	standard, known := schemes[scheme]
	if !found || !known {
		return Target{}, fmt.Errorf("%s: write a target as https://HOST, http://HOST, tls://HOST:PORT or tcp://HOST:PORT", shown(s))
	}
	rest = strings.TrimSuffix(rest, "/")
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		return Target{}, fmt.Errorf("%s: a target is a whole host; remove %q", shown(s), rest[i:])
	}
	if strings.Contains(rest, "@") {
		return Target{}, fmt.Errorf("%s: a target has no user or password; give them to scripts with env", shown(s))
	}
	host, port, err := splitPort(rest, standard)
	if err != nil {
		return Target{}, fmt.Errorf("%s: %w", shown(s), err)
	}
	t := Target{Scheme: scheme, Port: port}
	if t.Host, err = ParseHost(host); err != nil {
		return Target{}, fmt.Errorf("%s: %w", shown(s), err)
	}
	return t, nil
}

// shown returns a target for an error, without a password that it may have.
func shown(s string) string {
	scheme, rest, found := strings.Cut(s, "://")
	if at := strings.LastIndexByte(rest, '@'); found && at >= 0 {
		return scheme + "://..." + rest[at:]
	}
	return s
}

// splitPort splits a host and a port, which is standard if there is none.
func splitPort(s string, standard uint16) (host string, port uint16, err error) {
	host, digits := s, ""
	if colon := strings.LastIndexByte(s, ':'); colon > strings.LastIndexByte(s, ']') && (strings.HasPrefix(s, "[") || strings.Count(s, ":") == 1) {
		host, digits = s[:colon], s[colon+1:]
	} else if strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[") {
		return "", 0, errors.New("write an IPv6 address in brackets, as in tcp://[2001:db8::1]:1433")
	} else if standard == 0 {
		return "", 0, errors.New("the port is missing; add it after the host, as in :5432")
	} else {
		return host, standard, nil
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 || digits != strconv.FormatUint(n, 10) {
		return "", 0, fmt.Errorf("%q is not a port from 1 to 65535", digits)
	}
	return host, uint16(n), nil
}

// Has reports whether the grant has a target with this scheme, host and port.
func (g *Grant) Has(t Target) bool { return slices.Contains(g.Connect, t) }
