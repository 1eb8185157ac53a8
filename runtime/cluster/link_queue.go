package cluster

import (
	"net"
	"sync"
)

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
