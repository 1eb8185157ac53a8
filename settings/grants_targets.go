package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// grantPorts has the schemes of targets with their default ports; 0 means that the port must be
// given.
var grantPorts = map[string]int{"tcp": 0, "tls": 0, "http": 80, "https": 443}

var hostLabel = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// ParseGrantTarget parses a target of a grant, such as https://geo.example.com or
// tcp://10.0.0.7:1433.
func ParseGrantTarget(text string) (t GrantTarget, err error) {
	scheme, rest, ok := strings.Cut(text, "://")
	defaultPort, known := grantPorts[scheme]
	switch {
	case !ok || !known:
		return t, errors.New("must be tcp://HOST:PORT, tls://HOST:PORT, http://HOST or https://HOST")
	case strings.Contains(rest, "@"):
		return t, errors.New("must not contain a user name or password; give secrets to scripts with env")
	case strings.ContainsAny(rest, "/?#"):
		return t, errors.New("must end after the host and the port; a grant covers all paths of a server")
	}
	host, port, err := splitPort(rest, defaultPort)
	if err == nil && port == 0 {
		err = fmt.Errorf("needs a port, as in %s://HOST:5432", scheme)
	}
	if err == nil {
		host, err = normalHost(host)
	}
	return GrantTarget{scheme, host, port}, err
}

// splitPort splits a host and a port, which may be missing.
func splitPort(text string, defaultPort int) (host string, port int, err error) {
	host, digits, found := text, "", false
	if end := strings.LastIndexByte(text, ']'); strings.HasPrefix(text, "[") && end > 0 {
		host, digits = text[1:end], text[end+1:]
		if digits, found = strings.CutPrefix(digits, ":"); !found && text[end+1:] != "" {
			return "", 0, errors.New("has text after the address in brackets that is not a port")
		}
	} else if strings.Count(text, ":") > 1 {
		return "", 0, errors.New("an IPv6 address must be in brackets, as in tcp://[2001:db8::1]:5432")
	} else {
		host, digits, found = strings.Cut(text, ":")
	}
	if !found {
		return host, defaultPort, nil
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 || digits[0] == '+' {
		return "", 0, errors.New("the port must be from 1 to 65535")
	}
	return host, port, nil
}

// normalHost returns a name in lower case without a final dot, or an address in its usual form.
func normalHost(host string) (string, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return normalAddress(address)
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	labels := strings.Split(name, ".")
	switch {
	case name == "":
		return "", errors.New("has no host")
	case strings.Contains(name, "*"):
		return "", errors.New("name each host; patterns are not possible")
	case len(name) > 253:
		return "", errors.New("the name of the host is too long")
	case startsWithDigit(labels[len(labels)-1]):
		return "", errors.New("is not an IP address in its usual form, such as 10.0.0.7")
	}
	for _, label := range labels {
		if !hostLabel.MatchString(label) {
			return "", errors.New("is not the name of a host; write names with other letters in the form xn--")
		}
	}
	return name, nil
}

// startsWithDigit reports whether resolvers may take a name with this last label for an address,
// such as 2130706433 or 0x7f.1. No top-level domain begins with a digit.
func startsWithDigit(label string) bool { return label != "" && label[0] >= '0' && label[0] <= '9' }

func normalAddress(address netip.Addr) (string, error) {
	switch {
	case address.Zone() != "":
		return "", errors.New("an address with a zone (%) cannot be granted")
	case address.Is4In6():
		return "", fmt.Errorf("write the address as %s", address.Unmap())
	case address.IsUnspecified() || address.IsMulticast() || address == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "", errors.New("is not the address of one server")
	}
	return address.String(), nil
}

// checkProxy accepts the URL of a proxy. Its error does not contain the password.
func checkProxy(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must be http://HOST:PORT or https://HOST:PORT, with user:password@ before the host if the proxy needs it")
	}
	if port := u.Port(); port != "" {
		_, _, err = splitPort("x:"+port, 0)
	}
	return err
}
