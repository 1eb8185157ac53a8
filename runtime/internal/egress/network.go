package egress

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/runtime/internal/grant"
)

// Network has the limits that all calls share. It is safe for concurrent use.
type Network struct {
	limits grant.Limits
	dial   func(ctx context.Context, network, address string) (net.Conn, error)

	mu     sync.Mutex
	open   int            // guarded by mu; connections of all calls
	owners map[string]int // guarded by mu; connections by owner, without zeros

	own      []netip.Addr // guarded by mu; addresses of this host
	ownUntil time.Time    // guarded by mu
}

// ownLifetime is the time for which the addresses of this host are remembered.
const ownLifetime = 10 * time.Second

// New returns a network. The limits must have their defaults.
func New(limits grant.Limits) *Network {
	if limits.Resolver == nil {
		limits.Resolver = net.DefaultResolver
	}
	return &Network{limits: limits, dial: new(net.Dialer).DialContext, owners: map[string]int{}}
}

// handles counts the connections of the process. A number that a script finds in the memory of a
// loaded model is therefore not that of another connection.
var handles atomic.Uint32

func newHandle() int32 { return int32(handles.Add(1) & 0x7fffffff) }

// Open returns the number of open connections of all calls.
func (n *Network) Open() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.open
}

// admit counts a new connection of an owner. It returns an error if there are too many.
func (n *Network) admit(owner string) *grant.Error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open >= n.limits.Connections {
		return grant.Errorf(grant.Limit, "the scripts of this server have %d connections open, the most that they may have together "+
			"(TABCELL_GRANT_CONNECTIONS); try again later", n.limits.Connections)
	}
	if n.owners[owner] >= n.limits.PerOwner {
		return grant.Errorf(grant.Limit, "the scripts of %s have %d connections open, the most that one owner may have; try again later",
			owner, n.limits.PerOwner)
	}
	n.open++
	n.owners[owner]++
	return nil
}

// leave ends the count of a connection.
func (n *Network) leave(owner string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open--
	if n.owners[owner]--; n.owners[owner] == 0 {
		delete(n.owners, owner)
	}
}

// isOwnPort reports whether this server listens at the address and port.
func (n *Network) isOwnPort(addr netip.AddrPort) bool {
	if !slices.Contains(n.limits.OwnPorts, addr.Port()) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); now.After(n.ownUntil) {
		n.own, n.ownUntil = interfaceAddresses(), now.Add(ownLifetime)
	}
	return slices.Contains(n.own, addr.Addr().Unmap().WithZone(""))
}

// interfaceAddresses returns the addresses of this host. It returns nil if they cannot be read.
func interfaceAddresses() (all []netip.Addr) {
	found, _ := net.InterfaceAddrs()
	for _, one := range found {
		if prefix, err := netip.ParsePrefix(one.String()); err == nil {
			all = append(all, prefix.Addr().Unmap())
		}
	}
	return all
}
