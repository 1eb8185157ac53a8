package httpapi

import (
	"net/netip"

	"github.com/labstack/echo/v4"
)

// subnetBits is the length of the prefix that stands for all IPv6 addresses of one client: a host
// can use any address of its subnet, which has 64 bits (RFC 4291, section 2.5.4).
const subnetBits = 64

// owner returns the key under which the requests of one client share a queue, a budget or another
// limit: the account or, without one, the client address. c must be a *request that authorize has
// accepted; before that, the key is the address.
func owner(c echo.Context) string {
	req := c.(*request)
	if req.user.Account != "" {
		return "account " + req.user.Account
	}
	return addressOwner(req.clientAddr())
}

// addressOwner returns the key for an address without a port. IPv6 addresses of one subnet have the
// same key. Text that is not an address is its own key.
func addressOwner(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Is4() {
		return "address " + address
	}
	return "address " + netip.PrefixFrom(addr, subnetBits).Masked().String()
}
