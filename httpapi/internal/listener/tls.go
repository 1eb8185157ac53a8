package listener

import (
	"errors"
	"net"
)

// TLSOnly returns a listener whose connections fail unless the client begins with a TLS handshake.
// net/http would answer a plain HTTP request in plain text; TabPy closes the connection.
func TLSOnly(l net.Listener) net.Listener { return tlsListener{l} }

type tlsListener struct{ net.Listener }

func (l tlsListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &tlsConn{Conn: conn}, nil
}

type tlsConn struct {
	net.Conn
	checked bool // the first byte has been checked
}

// recordHandshake is the content type of the first TLS record (RFC 8446, section 5.1).
const recordHandshake = 22

var errNotTLS = errors.New(
	`the client does not use TLS: use a URL that begins with https://, and "Require SSL" in Tableau's connection`)

func (c *tlsConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.checked {
		c.checked = true
		if p[0] != recordHandshake {
			return 0, errNotTLS
		}
	}
	return n, err
}

// NetConn returns the underlying connection.
func (c *tlsConn) NetConn() net.Conn { return c.Conn }

// CloseWrite shuts down the sending side, as crypto/tls and net/http do with a *net.TCPConn.
func (c *tlsConn) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite shuts down the sending side of conn if conn supports it. net/http does so before it
// closes a connection, so that the client can still read the last response.
func closeWrite(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
