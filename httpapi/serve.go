package httpapi

import (
	"errors"
	"net"
	"net/http"
)

// Serve answers on a listener until the server is closed: over TLS where the server has a TLSConfig, and then nothing else.
func Serve(s *http.Server, l net.Listener) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(handshakes{l}, "", "")
	}
	return s.Serve(heads{l})
}

// handshakes is a listener whose connections are closed when they do not begin with a TLS handshake. net/http would answer plain HTTP in
// plain text; TabPy drops it.
type handshakes struct{ net.Listener }

func (l handshakes) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &handshakeConn{Conn: conn}, nil
}

type handshakeConn struct {
	net.Conn
	begun bool // the first byte was looked at
}

// handshake is the content type of the first TLS record (RFC 8446, 5.1).
const handshake = 22

var errPlain = errors.New("the client does not speak TLS: its address must begin with https://, and Tableau's connection needs \"Require SSL\"")

func (c *handshakeConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.begun {
		c.begun = true
		if p[0] != handshake {
			return 0, errPlain
		}
	}
	return n, err
}

// CloseWrite is for crypto/tls and net/http, as that of a *net.TCPConn.
func (c *handshakeConn) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite tells the client that no more comes. net/http asks for it, so that a client can read the last answer before the connection is
// gone.
func closeWrite(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
