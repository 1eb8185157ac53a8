package listener

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// TLSOnly returns a listener whose connections fail unless the client begins with a TLS handshake.
// A plain HTTP request gets a response that says so.
//
// GAP: TabPy closes such a connection. net/http would answer in plain text.
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
			if p[0] >= 'A' && p[0] <= 'Z' { // the method of an HTTP request
				c.refusePlain()
			}
			return 0, errNotTLS
		}
	}
	return n, err
}

// plainBody is the response to a plain HTTP request, in the form of all failures.
const plainBody = `{"message": "This port accepts HTTPS only, and the request is plain HTTP.", ` +
	`"info": "Use a URL that begins with https://, and \"Require SSL\" in Tableau's connection."}`

// The client may still be sending its request when it gets the response. Closing a connection with
// unread bytes resets it, and the response can be lost, so the server reads on within these limits.
const (
	plainDrainBytes = 256 << 10
	plainDrainTime  = 2 * time.Second
)

// refusePlain answers a plain HTTP request with status 400, and reads the rest of it.
func (c *tlsConn) refusePlain() {
	_ = c.Conn.SetDeadline(time.Now().Add(plainDrainTime))
	_, err := fmt.Fprintf(c.Conn, "HTTP/1.1 400 Bad Request\r\nServer: tabcell\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\nConnection: close\r\n\r\n%s", len(plainBody), plainBody)
	if err == nil && c.CloseWrite() == nil {
		_, _ = io.CopyN(io.Discard, c.Conn, plainDrainBytes)
	}
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
