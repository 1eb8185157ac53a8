package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"tabcell/runtime/internal/grant"
)

// addressTime is the time after which the next address of a name is tried.
const addressTime = 5 * time.Second

// dial connects to the first of the addresses that answers, or through the proxy of the grant.
func (c *conn) dial(to []netip.AddrPort) (net.Conn, netip.AddrPort, error) {
	if proxy := c.grant.Proxy; proxy != nil {
		conn, err := c.dialProxy(proxy)
		return conn, netip.AddrPort{}, err
	}
	var failed error
	for i, addr := range to {
		ctx, cancel := c.ctx, context.CancelFunc(func() {})
		if i < len(to)-1 {
			ctx, cancel = context.WithTimeout(c.ctx, addressTime)
		}
		conn, err := c.session.network.dial(ctx, "tcp", addr.String())
		cancel()
		if err == nil {
			return conn, addr, nil
		}
		failed = err
	}
	return nil, netip.AddrPort{}, failed
}

// maxProxyReply is the maximum length in bytes of the head of a proxy's response.
const maxProxyReply = 64 << 10

// proxyTime bounds the exchange with a proxy.
const proxyTime = 30 * time.Second

// dialProxy asks the proxy for a connection to the target. The proxy resolves the name.
func (c *conn) dialProxy(proxy *url.URL) (_ net.Conn, err error) {
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[proxy.Scheme]
	}
	if port == "" {
		port = "80"
	}
	conn, err := c.session.network.dial(c.ctx, "tcp", net.JoinHostPort(proxy.Hostname(), port))
	if err != nil {
		return nil, c.proxyError(plainCause(err))
	}
	stop := context.AfterFunc(c.ctx, func() { _ = conn.Close() })
	defer func() {
		if stop(); err != nil {
			_ = conn.Close()
		}
	}()
	_ = conn.SetDeadline(time.Now().Add(proxyTime))
	if proxy.Scheme == "https" {
		config := &tls.Config{ServerName: proxy.Hostname(), RootCAs: c.grant.Roots, MinVersion: tls.VersionTLS12}
		conn = proxyConn{tls.Client(conn, config), conn}
	}
	if err = c.tunnel(conn, proxy); err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Time{})
}

// proxyConn is a TLS connection to a proxy. Its Close does not wait for the other side.
type proxyConn struct {
	*tls.Conn
	tcp net.Conn
}

func (c proxyConn) Close() error { return c.tcp.Close() }

// tunnel sends CONNECT to the proxy and reads its response. No byte after the head is read.
func (c *conn) tunnel(conn net.Conn, proxy *url.URL) error {
	t := c.rules[0].target
	to := net.JoinHostPort(string(t.Host), strconv.Itoa(int(t.Port)))
	request := "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n"
	if proxy.User != nil {
		password, _ := proxy.User.Password()
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password)) + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return c.proxyError(plainCause(err))
	}
	head := bufio.NewReaderSize(io.LimitReader(oneByte{conn}, maxProxyReply), 16)
	response, err := http.ReadResponse(head, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return c.proxyError(plainCause(err))
	}
	if response.StatusCode != http.StatusOK {
		return c.proxyError("status " + strconv.Itoa(response.StatusCode))
	}
	return nil
}

// oneByte reads one byte at a time, so that a buffered reader does not read ahead.
type oneByte struct{ io.Reader }

func (r oneByte) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 1)]) }

// proxyError is the error of a proxy that did not make a connection. The text has nothing of the
// proxy's address, which may be secret.
func (c *conn) proxyError(reason string) *grant.Error {
	return grant.Errorf(grant.Proxy, "the proxy of the grant %s did not connect to %s: %s", c.grant.Name, c.rules[0].target, reason)
}

// plainCause returns the text of a network error without addresses.
func plainCause(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	return err.Error()
}
