package cluster

import (
	"context"
	"net"
	"time"

	"github.com/hashicorp/raft"
)

// stream is the part of a link that Raft uses. Raft's addresses are ids of nodes here: the
// certificate of a node has its id, and link knows its present address.
type stream struct {
	queue
	link      *link
	advertise string
}

// Dial implements raft.StreamLayer.
func (s stream) Dial(node raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return s.link.dial(ctx, string(node), raftProtocol)
}

// Addr implements net.Listener.
func (s stream) Addr() net.Addr { return advertised(s.advertise) }

// ServerAddr implements raft.ServerAddressProvider.
func (s stream) ServerAddr(id raft.ServerID) (raft.ServerAddress, error) {
	return raft.ServerAddress(id), nil
}

// advertised is a net.Addr.
type advertised string

// Network implements net.Addr.
func (advertised) Network() string { return "tcp" }

// String implements net.Addr.
func (a advertised) String() string { return string(a) }

// newTransport returns the transport of Raft. It does not pipeline: raft 1.8.0 can block forever in a
// pipeline whose reader has ended while two requests were under way, and then neither replicates to
// that node nor shuts down.
func newTransport(l *link, advertise string, c *raft.Config) *raft.NetworkTransport {
	s := stream{l.raft, l, advertise}
	return raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream: s, ServerAddressProvider: s, Logger: c.Logger, MaxPool: 3, Timeout: 5 * time.Second, MsgpackUseNewTimeFormat: true, MaxRPCsInFlight: 1,
	})
}
