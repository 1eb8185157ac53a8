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

// nonPublic are the blocks that are not globally reachable, by IANA's registries of special-purpose addresses (RFC 6890, as of 2025), and
// those for multicast. Python's ipaddress.is_global has the same, but for multicast, the relays of 6to4, and exceptions inside
// 192.0.0.0/24 and 2001::/23, where no key server is.
var nonPublicPrefixes = parsePrefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // shared by the customers of a carrier
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local; the metadata services of clouds
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // relays of 6to4, withdrawn
	"192.168.0.0/16",  // private
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, and the broadcast address
	"2001::/23",       // protocol assignments: Teredo, ORCHID
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4
	"3fff::/20",       // documentation
)

// globalUnicast is all that IANA has given out of IPv6 for hosts: loopback, link-local, unique local, discard-only and multicast are outside.
var globalUnicastPrefix = netip.MustParsePrefix("2000::/3")

// translated is the prefix of NAT64 (RFC 6052), whose last four bytes are an IPv4 address.
var nat64Prefix = netip.MustParsePrefix("64:ff9b::/96")

func parsePrefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// isPublic reports whether an address is globally reachable. An IPv4 address inside an IPv6 address is judged by itself. An address with a zone is
// in no block, and so not public.
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

// lookupHost resolves a name as the system does; an address is its own.
func lookupHost(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// lookupOrLeave is lookupHost for names that a proxy resolves. GAP: TabPy does not start when it cannot resolve such a name itself.
func lookupBehindProxy(log *zerolog.Logger) func(context.Context, string) ([]netip.Addr, error) {
	return func(ctx context.Context, host string) ([]netip.Addr, error) {
		addrs, err := lookupHost(ctx, host)
		if err != nil {
			log.Warn().Err(err).Msgf("TABPY_OAUTH_JWKS_URI host %q is known to the proxy only, if at all", host)
		}
		return addrs, nil
	}
}

// checkHost refuses a host that leads to a place which is not public, or warns where that was allowed, in TabPy's words.
func checkHost(host string, allowNonPublic bool, lookup func(context.Context, string) ([]netip.Addr, error), log *zerolog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	addrs, err := lookup(ctx, host)
	if err != nil {
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
	log.Warn().Msg(problem + ", which TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS permits: right only for a key server on a private network that you control")
	return nil
}
