package authn

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/rs/zerolog"
)

// nonPublicPrefixes are the address blocks that are not globally reachable according to IANA's
// registries of special-purpose addresses (RFC 6890, as of 2025), and those for multicast. Python's
// ipaddress.is_global agrees, except for multicast, the 6to4 relays, and exceptions inside
// 192.0.0.0/24 and 2001::/23, none of which is used by key servers.
var nonPublicPrefixes = parsePrefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // shared address space for carrier-grade NAT
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local; cloud metadata services
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays, deprecated
	"192.168.0.0/16",  // private
	"198.18.0.0/15",   // benchmarking
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, including the broadcast address
	"2001::/23",       // protocol assignments: Teredo, ORCHID
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4
	"3fff::/20",       // documentation
)

// globalUnicastPrefix is the part of IPv6 that IANA has allocated to hosts. Loopback, link-local,
// unique local, discard-only and multicast addresses are outside it.
var globalUnicastPrefix = netip.MustParsePrefix("2000::/3")

// nat64Prefix is the prefix of NAT64 addresses (RFC 6052), whose last four bytes are an IPv4
// address.
var nat64Prefix = netip.MustParsePrefix("64:ff9b::/96")

func parsePrefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// isPublic reports whether an address is globally reachable. For an IPv4 address embedded in an
// IPv6 address, the IPv4 address decides. An address with a zone is not public, since no
// prefix contains it, not even globalUnicastPrefix.
func isPublic(addr netip.Addr) bool {
	addr = addr.Unmap()
	if nat64Prefix.Contains(addr) {
		bytes := addr.As16()
		addr = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if addr.Is6() && !globalUnicastPrefix.Contains(addr) {
		return false
	}
	contains := func(block netip.Prefix) bool { return block.Contains(addr) }
	return addr.IsValid() && !slices.ContainsFunc(nonPublicPrefixes, contains)
}

// lookupFunc returns the addresses of a host.
type lookupFunc func(ctx context.Context, host string) ([]netip.Addr, error)

// lookupHost resolves a name with the system's resolver. An address resolves to itself.
func lookupHost(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// lookupBehindProxy returns a lookupHost for names that a proxy resolves: a failed lookup is logged
// but is not an error. GAP: TabPy does not start if it cannot resolve such a name itself.
func lookupBehindProxy(log *zerolog.Logger) lookupFunc {
	return func(ctx context.Context, host string) ([]netip.Addr, error) {
		addrs, err := lookupHost(ctx, host)
		if err != nil {
			log.Warn().Err(err).Msgf("cannot resolve TABPY_OAUTH_JWKS_URI host %q here; the proxy has to resolve it", host)
		}
		return addrs, nil
	}
}

// checkHost returns an error if the host resolves to an address that is not public, or logs a
// warning if allowNonPublic is set. Both begin with TabPy's sentence.
func checkHost(host string, allowNonPublic bool, lookup lookupFunc, log *zerolog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	addrs, err := lookup(ctx, host)
	if err != nil {
		//lint:ignore ST1005 TabPy's text
		return fmt.Errorf("Unable to resolve TABPY_OAUTH_JWKS_URI host %q: %w", host, err)
	}
	var unsafe []string
	for _, addr := range addrs {
		if !isPublic(addr) {
			unsafe = append(unsafe, addr.Unmap().String())
		}
	}
	if len(unsafe) == 0 {
		return nil
	}
	slices.Sort(unsafe)
	problem := fmt.Sprintf("TABPY_OAUTH_JWKS_URI host %q resolves to a non-public address (%s)", host, strings.Join(slices.Compact(unsafe), ", "))
	if !allowNonPublic {
		return fmt.Errorf("%s: refusing to use it. If the key server really is on a private network that you control, "+
			"set TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS = true", problem)
	}
	log.Warn().Msg(problem + ", which TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS permits; set it only for a key server on a private network that you control")
	return nil
}
