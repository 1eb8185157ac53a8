package runtime

import (
	"encoding/binary"
	"strings"
	"time"

	"tabcell/runtime/internal/egress"
	"tabcell/runtime/internal/grant"
	"tabcell/runtime/internal/guest"
)

// Host functions of grants return a number, or the negative of a grant.Code. The text of the last
// error is kept for the guest. A call without grants is refused at once.

// The bounds of host functions.
const (
	maxGrantError = 1024    // bytes of the text of an error
	maxHostName   = 1024    // bytes of the name of a host
	maxHostPath   = 4096    // bytes of a path
	maxReceive    = 1 << 20 // bytes of one net_recv
	maxPoll       = 1024    // connections of one net_poll
	pollEntrySize = 12
	statSize      = 32
	minListSize   = 512
)

// grantFunc is a host function of a grant. It returns its result, or an error whose code and text
// the guest gets.
type grantFunc func(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error)

// grantFuncs returns the host functions of grants.
func grantFuncs() []hostFunc {
	return []hostFunc{
		grantFunc(netResolve).hostFunc("net_resolve", 5),
		grantFunc(netConnect).hostFunc("net_connect", 4),
		onConnection(netTLS).hostFunc("net_tls", 4),
		onConnection(netSend).hostFunc("net_send", 4),
		onConnection(netReceive).hostFunc("net_recv", 4),
		onConnection(netShutdown).hostFunc("net_shutdown", 2),
		onConnection(netClose).hostFunc("net_close", 1),
		grantFunc(netPoll).hostFunc("net_poll", 3),
		onConnection(netInfo).hostFunc("net_info", 4),
		grantFunc(netError).hostFunc("net_error", 2),
		grantFunc(hostStat).hostFunc("host_stat", 4),
		grantFunc(hostOpen).hostFunc("host_open", 2),
		grantFunc(hostRead).hostFunc("host_read", 5),
		grantFunc(hostList).hostFunc("host_list", 5),
		grantFunc(hostClose).hostFunc("host_close", 1),
	}
}

// hostFunc returns the function with its name and its number of parameters.
func (f grantFunc) hostFunc(name string, params int) hostFunc {
	return hostFunc{name, params, 1, func(c *call, m guest.Memory, s []uint64) {
		args := make([]uint32, params)
		for i := range args {
			args[i] = uint32(s[i])
		}
		c.grants.memory = m.Size()
		n, err := f(c, m, args)
		if err != nil {
			n = c.fail(err)
		}
		s[0] = uint64(n)
		if err != nil && err.Code == grant.Interrupted {
			tick(c, m, nil)
		}
	}}
}

// fail keeps the text of an error for net_error and returns the result of the host function.
func (c *call) fail(err *grant.Error) uint32 {
	c.grants.text = strings.ToValidUTF8(err.Text[:min(len(err.Text), maxGrantError)], "")
	return -uint32(err.Code)
}

var errArguments = grant.Errorf(grant.Invalid, "an argument is outside of the memory of the script, or too long")

// netError(dst, cap) copies the text of the last error of the call.
func netError(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	return putBytes(m, []byte(c.grants.text), args[0], args[1])
}

// putBytes copies at most size bytes of b to dst and returns their number.
func putBytes(m guest.Memory, b []byte, dst, size uint32) (uint32, *grant.Error) {
	b = b[:min(len(b), int(min(size, 1<<30)))]
	if !m.Put(dst, b) {
		return 0, errArguments
	}
	return uint32(len(b)), nil
}

// getText returns n bytes at p, of which there may be at most limit.
func getText(m guest.Memory, p, n, limit uint32) (string, *grant.Error) {
	if n > limit {
		return "", errArguments
	}
	b, ok := m.View(p, n)
	if !ok {
		return "", errArguments
	}
	return string(b), nil
}

// timeout returns the duration of a parameter in milliseconds. A negative one is egress.Forever.
func timeout(ms uint32) time.Duration {
	if int32(ms) < 0 {
		return egress.Forever
	}
	return time.Duration(ms) * time.Millisecond
}

// netResolve(host, len, port, dst, cap) writes the addresses of a host, each with a line feed.
func netResolve(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	host, err := getText(m, args[0], args[1], maxHostName)
	if err != nil {
		return 0, err
	}
	port := uint16(min(args[2], 1<<16-1))
	s := c.session()
	if s == nil {
		return 0, egress.NoGrant(egress.Where(host, port), c.owner())
	}
	addrs, err := s.Resolve(host, port, egress.Forever)
	if err != nil {
		return 0, err
	}
	var text strings.Builder
	for _, a := range addrs {
		if text.Len()+len(a.String()) < int(min(args[4], 1<<16)) {
			text.WriteString(a.String() + "\n")
		}
	}
	return putBytes(m, []byte(text.String()), args[3], args[4])
}

// netConnect(host, len, port, timeout) returns the handle of a connection.
func netConnect(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	host, err := getText(m, args[0], args[1], maxHostName)
	if err != nil {
		return 0, err
	}
	if args[2] == 0 || args[2] > 1<<16-1 {
		return 0, grant.Errorf(grant.Invalid, "a port is a number from 1 to 65535")
	}
	s := c.session()
	if s == nil {
		return 0, egress.NoGrant(egress.Where(host, uint16(args[2])), c.owner())
	}
	handle, err := s.Connect(host, uint16(args[2]), timeout(args[3]))
	return uint32(handle), err
}

// onConnection returns a function whose first argument is the handle of a connection. A call without
// a session has none.
func onConnection(f func(s *egress.Session, m guest.Memory, args []uint32) (uint32, *grant.Error, string)) grantFunc {
	return func(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
		if c.grants.session == nil {
			return 0, grant.Errorf(grant.BadHandle, "the connection is closed")
		}
		n, err, text := f(c.grants.session, m, args)
		if text != "" {
			c.grants.text = text
		}
		return n, err
	}
}

// netTLS(handle, name, len, timeout) makes the TLS handshake.
func netTLS(s *egress.Session, m guest.Memory, args []uint32) (uint32, *grant.Error, string) {
	name, err := getText(m, args[1], args[2], maxHostName)
	if err == nil {
		err = s.StartTLS(int32(args[0]), name, timeout(args[3]))
	}
	return 0, err, ""
}

// netSend(handle, src, len, timeout) sends bytes and returns their number.
func netSend(s *egress.Session, m guest.Memory, args []uint32) (uint32, *grant.Error, string) {
	b, ok := m.View(args[1], args[2])
	if !ok {
		return 0, errArguments, ""
	}
	n, err := s.Send(int32(args[0]), b, timeout(args[3]))
	return uint32(n), err, ""
}

// netReceive(handle, dst, cap, timeout) returns the number of received bytes, 0 at the end.
func netReceive(s *egress.Session, m guest.Memory, args []uint32) (uint32, *grant.Error, string) {
	b, ok := m.View(args[1], min(args[2], maxReceive))
	if !ok || len(b) == 0 {
		return 0, errArguments, ""
	}
	n, err := s.Receive(int32(args[0]), b, timeout(args[3]))
	return uint32(n), err, ""
}

// netShutdown(handle, how) ends one or both sides of a connection.
func netShutdown(s *egress.Session, _ guest.Memory, args []uint32) (uint32, *grant.Error, string) {
	return 0, s.Shutdown(int32(args[0]), args[1]), ""
}

// netClose(handle) closes a connection.
func netClose(s *egress.Session, _ guest.Memory, args []uint32) (uint32, *grant.Error, string) {
	return 0, s.Close(int32(args[0])), ""
}

// netInfo(handle, fact, dst, cap) writes a fact about a connection. The text of a pending error is
// that of the last error.
func netInfo(s *egress.Session, m guest.Memory, args []uint32) (uint32, *grant.Error, string) {
	b, pending, err := s.Info(int32(args[0]), args[1])
	if err != nil {
		return 0, err, ""
	}
	text := ""
	if pending != nil {
		text = pending.Text
	}
	n, err := putBytes(m, b, args[2], args[3])
	return n, err, text
}

// netPoll(entries, n, timeout) returns the number of connections that are ready.
func netPoll(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	if args[1] > maxPoll {
		return 0, grant.Errorf(grant.Invalid, "at most %d connections can be waited for", maxPoll)
	}
	b, ok := m.View(args[0], args[1]*pollEntrySize)
	if !ok {
		return 0, errArguments
	}
	s := c.session()
	if s == nil {
		return 0, grant.Errorf(grant.BadHandle, "the script has no connections")
	}
	entries := make([]egress.PollEntry, args[1])
	for i := range entries {
		e := b[i*pollEntrySize:]
		entries[i] = egress.PollEntry{Handle: int32(word(e)), Events: word(e[4:])}
	}
	n, err := s.Poll(entries, timeout(args[2]))
	for i, e := range entries {
		binary.LittleEndian.PutUint32(b[i*pollEntrySize+8:], e.Returned)
	}
	return uint32(n), err
}
