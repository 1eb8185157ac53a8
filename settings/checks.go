package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// checkHost accepts an IP address or a host name, without a port.
func checkHost(host string) error {
	if strings.ContainsAny(host, " \t/[]%\"'@") || strings.Count(host, ":") == 1 {
		return errors.New("must be an IP address or a host name, without scheme, port or brackets")
	}
	return nil
}

// checkHosts accepts a list of IP addresses and host names.
func checkHosts(list string) error {
	for _, host := range SplitList(list) {
		if err := checkHost(host); err != nil {
			return fmt.Errorf("%s: %w", host, err)
		}
	}
	return nil
}

// checkNetworks accepts a list of IP addresses and networks, such as 10.0.0.1, 10.0.0.0/8.
func checkNetworks(list string) error {
	for _, item := range SplitList(list) {
		_, addressErr := netip.ParseAddr(item)
		_, networkErr := netip.ParsePrefix(item)
		if addressErr != nil && networkErr != nil {
			return fmt.Errorf("%s is neither an IP address nor a network such as 10.0.0.0/8", item)
		}
	}
	return nil
}

// checkTimeZone accepts names of the form of the tz database, such as America/Port-au-Prince.
// Whether the zone exists is known when a guest is loaded.
func checkTimeZone(name string) error {
	outside := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/_+-.", r))
	}
	if strings.ContainsFunc(name, outside) || strings.HasPrefix(name, "/") || len(name) > 100 {
		return errors.New("must be a name of the tz database, such as Europe/Berlin")
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

// SplitList splits a comma-separated list. It drops white space around items, and empty items.
func SplitList(list string) []string {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
