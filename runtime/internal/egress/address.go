package egress

import "net/netip"

// metadata has the addresses of services that give cloud machines their identity and credentials,
// as far as they are not link-local.
var metadata = []netip.Addr{
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("fd00:ec2::254"),   // Amazon
	netip.MustParseAddr("fd20:ce::254"),    // Google
}

// Ranges of IPv6 addresses that stand for an IPv4 address, and the place of that address.
var embedded = []struct {
	prefix netip.Prefix
	at     int
	invert bool
}{
	{netip.MustParsePrefix("::/96"), 12, false},
	{netip.MustParsePrefix("64:ff9b::/96"), 12, false},   // NAT64
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12, false}, // NAT64 of a site
	{netip.MustParsePrefix("2002::/16"), 2, false},       // 6to4
	{netip.MustParsePrefix("2001::/32"), 12, true},       // Teredo
}

var (
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")
	reserved4   = netip.MustParsePrefix("240.0.0.0/4") // has the broadcast address
)

// special returns the kind of an address that a name never reaches, or "" for other addresses.
func special(addr netip.Addr) string {
	addr = addr.Unmap()
	switch {
	case addr.Zone() != "":
		return "an address with a zone"
	case addr.IsLoopback():
		return "a loopback address"
	case addr.IsUnspecified(), addr.Is4() && thisNetwork.Contains(addr):
		return "an address of this host"
	case addr.IsMulticast():
		return "a multicast address"
	case addr.Is4() && reserved4.Contains(addr):
		return "a reserved address"
	case addr.IsLinkLocalUnicast():
		return "a link-local address, as metadata services have"
	}
	for _, m := range metadata {
		if addr == m {
			return "the address of a metadata service"
		}
	}
	return specialEmbedded(addr)
}

// specialEmbedded returns the kind of the IPv4 address that an IPv6 address stands for.
func specialEmbedded(addr netip.Addr) string {
	if !addr.Is6() {
		return ""
	}
	for _, e := range embedded {
		if !e.prefix.Contains(addr) {
			continue
		}
		bytes := addr.As16()
		inner := [4]byte(bytes[e.at : e.at+4])
		for i := range inner {
			if e.invert {
				inner[i] = ^inner[i]
			}
		}
		if kind := special(netip.AddrFrom4(inner)); kind != "" {
			return kind
		}
	}
	return ""
}
