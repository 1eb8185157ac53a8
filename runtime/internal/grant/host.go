package grant

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// Host is the name or the address of a host in its only form, so that two are equal if they mean
// the same: lower case, without a final dot, international names in their ASCII form, and IPv4
// addresses inside of IPv6 addresses as IPv4.
type Host string

// localhost is the name that means the loopback addresses (RFC 6761).
const localhost Host = "localhost"

const (
	maxName  = 253 // characters of a name
	maxLabel = 63  // characters of a part of a name
)

var errAddressForm = errors.New("is not a valid address; write it as in 192.0.2.1 or 2001:db8::1")

// ParseHost returns the only form of a name or an address. It accepts addresses in their usual form
// only: octal, decimal and shortened IPv4 addresses, which a C library would accept, and IPv6 zones
// are errors.
func ParseHost(s string) (Host, error) {
	text := s
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if text, ok = strings.CutSuffix(inner, "]"); !ok || !strings.Contains(text, ":") {
			return "", fmt.Errorf("%q %w", s, errAddressForm)
		}
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		if addr.Zone() != "" {
			return "", fmt.Errorf("%q has a zone; addresses with a zone cannot be granted", s)
		}
		return Host(addr.Unmap().String()), nil
	}
	name, err := asciiName(strings.TrimSuffix(text, "."))
	if err != nil {
		return "", fmt.Errorf("%q %w", s, err)
	}
	return Host(name), nil
}

// Addr returns the address, or false if the host is a name.
func (h Host) Addr() (netip.Addr, bool) {
	addr, err := netip.ParseAddr(string(h))
	return addr, err == nil
}

// IsLocalhost reports whether the host is the name localhost.
func (h Host) IsLocalhost() bool { return h == localhost }

// asciiName returns a name in lower case and in ASCII.
func asciiName(name string) (string, error) {
	for _, r := range name {
		if r > 127 {
			ascii, err := idna.Lookup.ToASCII(name)
			if err != nil {
				return "", errors.New("is not a valid host name")
			}
			name = ascii
			break
		}
	}
	name = strings.ToLower(name)
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return "", errors.New("is not a valid host name")
		}
	}
	if len(name) > maxName {
		return "", fmt.Errorf("has more than %d characters", maxName)
	}
	if isNumber(labels[len(labels)-1]) {
		return "", errAddressForm
	}
	return name, nil
}

// isLabel reports whether a part of a name has only letters, digits, and hyphens or underscores
// inside of it. A leading underscore is valid too.
func isLabel(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// isNumber reports whether a C library would read a label as a number. The top-level domain of a
// name never is one.
func isNumber(label string) bool {
	if digits, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
