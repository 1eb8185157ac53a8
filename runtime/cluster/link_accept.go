package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

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

// closeStrangers closes the connections of nodes that are not members any more.
func (l *link) closeStrangers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn, node := range l.conns {
		if node != "" && node != l.node && !l.allowed(node) {
			_ = conn.Close()
		}
	}
}
