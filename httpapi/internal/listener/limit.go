package listener

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Limits bounds the number of open connections.
type Limits struct {
	Total      int
	PerAddress int // of one client: an IPv4 address, or an IPv6 network of 64 bits
	// Exempt, if not nil, reports whether an address has no limit of its own, such as that of a
	// proxy.
	Exempt func(netip.Addr) bool
	// Report, if not nil, is called when a new connection exceeds a limit. perAddress reports whether
	// it is the limit of one client. closed reports whether an idle connection was closed in favour of
	// the new one, which is otherwise refused. Report must not block.
	Report func(perAddress, closed bool)
}

// Limiter is a listener that keeps the number of its connections within Limits. If a new connection
// exceeds a limit, the connection that has been idle for the longest time is closed. If none is
// idle, the new one is closed.
type Limiter struct {
	net.Listener
	limits Limits

	mu      sync.Mutex // guards the fields below and those of all connections
	open    int
	idle    list.List // of *limitedConn, the longest idle first
	clients map[netip.Prefix]*client
}

// client is the connections of one address.
type client struct {
	open int
	idle list.List // of *limitedConn, the longest idle first
}

// NewLimiter returns a Limiter for l. Its ConnState must be that of the server.
func NewLimiter(l net.Listener, limits Limits) *Limiter {
	return &Limiter{Listener: l, limits: limits, clients: map[netip.Prefix]*client{}}
}

// Open returns the number of open connections.
func (l *Limiter) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// Accept implements net.Listener.
func (l *Limiter) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if limited := l.admit(conn); limited != nil {
			return limited, nil
		}
		_ = conn.Close()
	}
}

// admit returns the connection for the server. It returns nil if there is no room for it.
func (l *Limiter) admit(conn net.Conn) *limitedConn {
	addr := remoteAddr(conn)
	c := &limitedConn{Conn: conn, limiter: l, network: networkOf(addr)}
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.clients[c.network]
	if of == nil {
		of = &client{}
	}
	exempt := l.limits.Exempt != nil && l.limits.Exempt(addr)
	if !exempt && of.open >= l.limits.PerAddress && !l.makeRoom(&of.idle, true) {
		return nil
	}
	if l.open >= l.limits.Total && !l.makeRoom(&l.idle, false) {
		return nil
	}
	l.clients[c.network] = of // makeRoom may have removed it
	l.open++
	of.open++
	l.setIdle(c)
	return c
}

// makeRoom closes the first connection of a list of idle ones. It returns false if there is none.
func (l *Limiter) makeRoom(idle *list.List, perAddress bool) bool {
	first := idle.Front()
	if l.limits.Report != nil {
		l.limits.Report(perAddress, first != nil)
	}
	if first == nil {
		return false
	}
	c := first.Value.(*limitedConn)
	l.remove(c)
	_ = c.Conn.Close()
	return true
}

// ConnState is for the field of the same name of the server.
func (l *Limiter) ConnState(conn net.Conn, state http.ConnState) {
	c := unwrap(conn)
	if c == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case c.removed:
	case state == http.StateIdle:
		l.setIdle(c)
	case state == http.StateActive:
		l.setActive(c)
	}
}

// setIdle makes c the connection that became idle last. A new connection counts as idle until it
// has sent the head of a request. The caller holds l.mu.
func (l *Limiter) setIdle(c *limitedConn) {
	l.setActive(c)
	c.inAll, c.inClient = l.idle.PushBack(c), l.clients[c.network].idle.PushBack(c)
}

// setActive takes c from the lists of idle connections. The caller holds l.mu.
func (l *Limiter) setActive(c *limitedConn) {
	if c.inAll != nil {
		l.idle.Remove(c.inAll)
		l.clients[c.network].idle.Remove(c.inClient)
		c.inAll, c.inClient = nil, nil
	}
}

// remove stops counting c. The caller holds l.mu.
func (l *Limiter) remove(c *limitedConn) {
	if c.removed {
		return
	}
	l.setActive(c)
	c.removed = true
	l.open--
	of := l.clients[c.network]
	if of.open--; of.open == 0 {
		delete(l.clients, c.network)
	}
}

// limitedConn is a counted connection.
type limitedConn struct {
	net.Conn
	limiter *Limiter
	network netip.Prefix

	inAll, inClient *list.Element // in the lists of idle connections; nil while it is active
	removed         bool          // it is not counted any more
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	c.limiter.mu.Lock()
	c.limiter.remove(c)
	c.limiter.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite shuts down the sending side, as net/http does with a *net.TCPConn.
func (c *limitedConn) CloseWrite() error { return closeWrite(c.Conn) }

// unwrap returns the connection of a Limiter below conn, or nil if there is none.
func unwrap(conn net.Conn) *limitedConn {
	for {
		if c, ok := conn.(*limitedConn); ok {
			return c
		}
		outer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = outer.NetConn()
	}
}

// remoteAddr returns the address of the client, or the zero address if it has none.
func remoteAddr(conn net.Conn) netip.Addr {
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// networkOf returns the network whose addresses one client can use.
func networkOf(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64 // RFC 4291, section 2.5.4
	}
	network, _ := addr.Prefix(bits) // fails for the zero address only
	return network
}
