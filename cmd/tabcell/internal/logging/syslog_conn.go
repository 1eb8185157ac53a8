package logging

import (
	"context"
	"net"
	"strings"
	"time"

	"tabcell/settings/pylog"
)

const (
	syslogDialTimeout = 5 * time.Second
	syslogSendTimeout = 2 * time.Second // for one line
)

// syslogConn is a connection to a syslog receiver, which is established when it is needed. It is
// not safe for concurrent use.
type syslogConn struct {
	spec pylog.Syslog
	conn net.Conn // nil if not connected
}

// send connects if necessary and sends one packet. After an error the connection is closed. If ctx
// is done, it sends nothing.
func (c *syslogConn) send(ctx context.Context, packet []byte) error {
	if err := ctx.Err(); err != nil {
		c.close()
		return err
	}
	if c.conn == nil {
		if err := c.dial(ctx); err != nil {
			return err
		}
	}
	err := c.write(packet)
	if err != nil {
		c.close()
	}
	return err
}

func (c *syslogConn) write(packet []byte) error {
	if c.spec.Network != "udp" && !strings.HasPrefix(c.conn.LocalAddr().Network(), "unixgram") {
		packet = append(packet[:len(packet):len(packet)], '\n') // RFC 6587, 3.4.2
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(syslogSendTimeout)); err != nil {
		return err
	}
	_, err := c.conn.Write(packet)
	return err
}

func (c *syslogConn) dial(ctx context.Context) error {
	networks := []string{c.spec.Network}
	if c.spec.Network == "" {
		networks = []string{"unixgram", "unix"}
	}
	var err error
	for _, network := range networks {
		d := net.Dialer{Timeout: syslogDialTimeout}
		var conn net.Conn
		if conn, err = d.DialContext(ctx, network, c.spec.Address); err == nil {
			c.conn = conn
			return nil
		}
	}
	return err
}

func (c *syslogConn) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}
