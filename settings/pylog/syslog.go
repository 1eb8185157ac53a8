package pylog

import (
	"net"
	"strconv"
	"strings"
)

func buildSyslog(h *Handler, a *arguments) {
	h.Kind = SysLogHandler
	stream := a.given["socktype"] == int64(sockStream)
	if s := a.given["socktype"]; s != nil && !stream && s != int64(sockDgram) {
		a.fail("socktype", "socket.SOCK_DGRAM or socket.SOCK_STREAM")
	}
	h.Syslog = Syslog{Facility: a.facility()}
	switch address := a.given["address"].(type) {
	case nil:
		h.Syslog.Network, h.Syslog.Address = "udp", "localhost:514"
	case string:
		h.Syslog.Address = address
		if a.given["socktype"] != nil {
			h.Syslog.Network = "unixgram"
		}
	case tuple:
		h.Syslog.Network, h.Syslog.Address = "udp", a.hostPort(address)
	default:
		a.fail("address", "a path such as '/dev/log', or ('localhost', 514)")
	}
	if stream {
		h.Syslog.Network = map[string]string{"udp": "tcp"}[h.Syslog.Network]
		if h.Syslog.Network == "" {
			h.Syslog.Network = "unix"
		}
	}
}

// hostPort converts a tuple (host, port) to host:port.
func (a *arguments) hostPort(address tuple) string {
	if len(address) == 2 {
		host, isHost := address[0].(string)
		port, isPort := address[1].(int64)
		if text, ok := address[1].(string); ok { // getaddrinfo accepts both
			n, err := strconv.ParseUint(text, 10, 16)
			port, isPort = int64(n), err == nil
		}
		if isHost && isPort && port > 0 && port < 1<<16 {
			return net.JoinHostPort(host, strconv.FormatInt(port, 10))
		}
	}
	a.fail("address", "a host and a port, such as ('localhost', 514)")
	return ""
}

// facility returns the number of the facility. The default is LOG_USER.
func (a *arguments) facility() int {
	n := int64(facilities["user"])
	switch v := a.given["facility"].(type) {
	case nil:
	case int64:
		n = v
	case string:
		code, ok := facilities[strings.ToLower(v)]
		if !ok {
			code = -1
		}
		n = int64(code)
	default:
		n = -1
	}
	if n < 0 || n > 23 {
		a.fail("facility", "a name such as 'user' or 'local0', or a constant such as handlers.SysLogHandler.LOG_USER")
	}
	return int(n)
}
