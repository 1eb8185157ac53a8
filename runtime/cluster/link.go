package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// The protocols of the port, as ALPN names them.
const (
	raftProtocol = "tabcell-raft/1"
	httpProtocol = "h2"
)

const (
	handshakeTimeout = 10 * time.Second
	dialTimeout      = 3 * time.Second
	// maxConnections limits the connections to the port. Those that have not shown a certificate of
	// the cluster are strangers: maxStrangers limits them, maxPerHost those of one host, and
	// maxStrangerTime their life in all.
	maxConnections  = 512
	maxStrangers    = 64
	maxPerHost      = 16
	maxStrangerTime = time.Minute
)

// errUnreachable means that no connection to a node could be made, so that it got no request.
var errUnreachable = errors.New("the node cannot be reached")

// link is the port of a node and its connections to the ports of the other nodes.
type link struct {
	cluster, node string
	listener      net.Listener
	log           zerolog.Logger
	dialer        func(ctx context.Context, address string) (net.Conn, error)
	address       func(node string) (string, bool) // of a member
	allowed       func(node string) bool           // reports whether a node is a member

	certificate atomic.Pointer[tls.Certificate]
	authorities atomic.Pointer[x509.CertPool]

	raft, http queue
	strangers  strangers

	mu    sync.Mutex
	conns map[net.Conn]string // accepted connections, with the node or ""
	group sync.WaitGroup
	users sync.WaitGroup // of accepted connections
}

func newLink(cluster, node string, listener net.Listener, log zerolog.Logger) *link {
	l := &link{
		cluster: cluster, node: node, listener: listener, log: log, conns: map[net.Conn]string{},
		raft: newQueue(listener.Addr()), http: newQueue(listener.Addr()), strangers: strangers{hosts: map[string]int{}},
	}
	l.dialer = func(ctx context.Context, address string) (net.Conn, error) {
		return (&net.Dialer{KeepAlive: 15 * time.Second}).DialContext(ctx, "tcp", address)
	}
	return l
}

// dial connects to a node, and verifies that it is that node. The error wraps errUnreachable.
func (l *link) dial(ctx context.Context, node, protocol string) (net.Conn, error) {
	address, ok := l.address(node)
	if !ok {
		return nil, fmt.Errorf("%w: %s: %w", errUnreachable, node, ErrNotMember)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	raw, err := l.dialer(ctx, address)
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("%w: %s: the server was confined (TABCELL_CONFINE) before it knew this port; use one port on all nodes, or restart this one: %w",
			errUnreachable, address, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errUnreachable, address, err)
	}
	conn := tls.Client(raw, &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{protocol}, ServerName: serverName(node, l.cluster),
		RootCAs: l.authorities.Load(), Certificates: []tls.Certificate{*l.certificate.Load()},
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", errUnreachable, address, err), raw.Close())
	}
	return conn, nil
}

// close closes the port and its connections, and waits until their users have noticed: Raft must not
// handle a message when its log is closed.
func (l *link) close() {
	_ = l.listener.Close()
	_ = l.raft.Close()
	_ = l.http.Close()
	l.mu.Lock()
	for conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
	l.mu.Unlock()
	l.group.Wait()
	l.users.Wait()
}
