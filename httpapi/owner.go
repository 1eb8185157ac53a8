package httpapi

import (
	"context"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"tabcell/runtime"
)

// subnetBits is the length of the prefix that stands for all IPv6 addresses of one client: a host
// can use any address of its subnet, which has 64 bits (RFC 4291, section 2.5.4).
const subnetBits = 64

// The beginnings of an owner's key.
const (
	accountPrefix = "account "
	addressPrefix = "address "
)

// owner returns the key under which the requests of one client share a queue, a budget or another
// limit: the account or, without one, the client address. c must be a *request that authorize has
// accepted; before that, the key is the address.
func owner(c echo.Context) string {
	req := c.(*request)
	if req.user.Account != "" {
		return accountPrefix + req.user.Account
	}
	return addressOwner(req.clientAddr())
}

// addressOwner returns the key for an address without a port. IPv6 addresses of one subnet have the
// same key. Text that is not an address is its own key.
func addressOwner(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Is4() {
		return addressPrefix + address
	}
	return addressPrefix + netip.PrefixFrom(addr, subnetBits).Masked().String()
}

// queueOwner returns the owner of the request with its weight.
func (req *request) queueOwner() runtime.Owner {
	name := strings.TrimPrefix(addressOwner(req.clientAddr()), addressPrefix)
	if _, account, ok := strings.Cut(req.user.Account, " "); ok { // after the method of authentication
		name = account
	}
	return runtime.Owner{Key: owner(req), Weight: req.api.cfg.Weights[name]}
}

// ownedContext returns the context of the request for loading models.
func (req *request) ownedContext() context.Context {
	return runtime.WithOwner(req.Request().Context(), req.queueOwner())
}
