package grant

import (
	"cmp"
	"context"
	"net/netip"
	"time"
)

// Limits bound the uses of all calls together. Zero fields mean the defaults.
type Limits struct {
	// Connections is the number of connections that all scripts may have open at a time, by default
	// DefaultAllConnections.
	Connections int
	// PerOwner is the number of connections that the scripts of one owner may have open at a time, by
	// default DefaultOwnerConnections.
	PerOwner int
	// Waiting is the number of cells that may wait for the network without a permit at a time. Other
	// cells keep theirs while they wait. The default is four times the number of permits.
	Waiting int
	// WaitingMemory is the memory in bytes that these cells may have together, in addition to their
	// images. The default is the memory limit of one script.
	WaitingMemory uint64
	// OwnPorts are the ports on which this server listens. Names that lead there are refused.
	OwnPorts []uint16
	// Resolver resolves names. If it is nil, that is net.DefaultResolver.
	Resolver Resolver
}

// The defaults of Limits.
const (
	DefaultAllConnections   = 256
	DefaultOwnerConnections = 64
)

// WithDefaults returns l with the defaults in place of zero fields, for a number of permits and the
// memory limit of a script.
func (l Limits) WithDefaults(permits int, memory uint64) Limits {
	l.Connections = cmp.Or(l.Connections, DefaultAllConnections)
	l.PerOwner = cmp.Or(l.PerOwner, DefaultOwnerConnections)
	l.Waiting = cmp.Or(l.Waiting, 4*permits)
	l.WaitingMemory = cmp.Or(l.WaitingMemory, memory)
	return l
}

// Resolver resolves names of hosts, as *net.Resolver does.
type Resolver interface {
	// LookupNetIP returns the addresses of a host. The network is "ip".
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Report is the result of a connection that was made to test a grant.
type Report struct {
	Grant      string   // the grant that allows it; "" if none does
	Target     Target   // zero if none does
	Addresses  []string // of the name
	Address    string   // that was connected to; "" if none was
	TLSVersion string   // "TLSv1.3"; "" without TLS
	Took       time.Duration
	Err        error // nil if the connection, and TLS if the target has it, succeeded
}
