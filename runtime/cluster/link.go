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

// queue is a listener whose connections come from a link.
type queue struct {
	conns  chan net.Conn
	closed chan struct{}
	once   *sync.Once
	addr   net.Addr
}

func newQueue(addr net.Addr) queue {
	return queue{make(chan net.Conn), make(chan struct{}), new(sync.Once), addr}
}

// Accept implements net.Listener.
func (q queue) Accept() (net.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (q queue) Close() error {
	q.once.Do(func() { close(q.closed) })
	return nil
}

// Addr implements net.Listener.
func (q queue) Addr() net.Addr { return q.addr }

// put passes a connection to Accept, or closes it.
func (q queue) put(conn net.Conn) {
	select {
	case q.conns <- conn:
	case <-q.closed:
		_ = conn.Close()
	}
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

// serve accepts connections until the listener is closed.
func (l *link) serve() {
	defer l.group.Done()
	for {
		conn, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // for example too many open files
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if !l.track(conn) {
			_ = conn.Close()
			continue
		}
		l.group.Go(func() { l.accept(conn) })
	}
}

// track adds an accepted connection. It returns false if there are too many.
func (l *link) track(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns == nil || len(l.conns) >= maxConnections {
		return false
	}
	l.conns[conn] = ""
	return true
}

func (l *link) untrack(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
}

// trackedConn removes a connection from the link when it is closed.
type trackedConn struct {
	net.Conn
	once    sync.Once
	release func()
}

// Close implements net.Conn.
func (c *trackedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}

// accept does the handshake, and passes the connection to the user of its protocol.
func (l *link) accept(raw net.Conn) {
	known, ok := l.strangers.add(raw)
	if !ok {
		_ = raw.Close()
		l.untrack(raw)
		return
	}
	l.users.Add(1)
	tracked := &trackedConn{Conn: raw, release: func() { known(); l.untrack(raw); l.users.Done() }}
	conn := tls.Server(tracked, l.serverConfig())
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		l.log.Debug().Err(err).Str("peer", raw.RemoteAddr().String()).Msg("a connection to the cluster port failed")
		_ = conn.Close()
		return
	}
	node, err := l.nodeOf(conn.ConnectionState())
	protocol := conn.ConnectionState().NegotiatedProtocol
	if err != nil || protocol == raftProtocol && (node == "" || !l.allowed(node)) {
		l.log.Debug().Str("peer", raw.RemoteAddr().String()).Str("node", node).Msg("a connection to the cluster port was refused: not a member")
		_ = conn.Close()
		return
	}
	if node != "" {
		known()
		l.name(raw, node)
	}
	if protocol == raftProtocol {
		l.raft.put(conn)
		return
	}
	l.http.put(conn)
}

// name notes which node has made a connection.
func (l *link) name(conn net.Conn, node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.conns[conn]; open {
		l.conns[conn] = node
	}
}

// nodeOf returns the node whose certificate was verified, or "" if there was no certificate.
func (l *link) nodeOf(s tls.ConnectionState) (string, error) {
	if len(s.VerifiedChains) == 0 {
		return "", nil
	}
	return nodeIn(s.VerifiedChains[0][0], l.cluster)
}

func (l *link) serverConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{raftProtocol, httpProtocol}, SessionTicketsDisabled: true,
		ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: l.authorities.Load(), Certificates: []tls.Certificate{*l.certificate.Load()},
	}
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

// closeStrangers closes the connections of nodes that are not members any more.
func (l *link) closeStrangers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn, node := range l.conns {
		if node != "" && !l.allowed(node) {
			_ = conn.Close()
		}
	}
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
