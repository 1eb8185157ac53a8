package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// checkHost takes an address or a name, without a port.
func checkHost(host string) error {
	if strings.ContainsAny(host, " \t/[]%\"'@") || strings.Count(host, ":") == 1 {
		return errors.New("must be an address or a name, without scheme, port or brackets")
	}
	return nil
}

// checkHosts takes a list of such names.
func checkHosts(list string) error {
	for _, host := range SplitList(list) {
		if err := checkHost(host); err != nil {
			return fmt.Errorf("%s: %w", host, err)
		}
	}
	return nil
}

// checkNetworks takes a list of addresses and networks, such as 10.0.0.1, 10.0.0.0/8.
func checkNetworks(list string) error {
	for _, item := range SplitList(list) {
		_, address := netip.ParseAddr(item)
		_, network := netip.ParsePrefix(item)
		if address != nil && network != nil {
			return fmt.Errorf("%s is neither an address nor a network such as 10.0.0.0/8", item)
		}
	}
	return nil
}

// IsLoopback reports whether only this machine can reach a server that listens on host: host is
// "localhost" in any case, or a loopback address, written as IPv4, IPv6, IPv4-mapped IPv6 or with
// a zone. It reports false for every other name, because a name can resolve to any address.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}

// SplitList splits a list at its commas; white space around items, and empty items, are left out.
func SplitList(list string) []string {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
