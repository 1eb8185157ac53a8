package logging

import (
	"context"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/settings/pylog"
)

const (
	syslogQueue  = 1000            // lines that may wait
	mostPacket   = 8 << 10         // bytes of a datagram; receivers cut longer ones
	syslogDial   = 5 * time.Second // to connect
	syslogSend   = 2 * time.Second // for one line
	shortestWait = time.Second     // after a failure; doubled up to
	longestWait  = 30 * time.Second
	syslogFlush  = 2 * time.Second // for what waits when the server ends
)

// syslogSink sends lines to a syslog receiver in the form of RFC 3164, from a goroutine of its own: nobody waits for it. When its queue is
// full lines are dropped, counted, and told of.
//
// GAP: Python sends the bare line with a NUL behind it, and leaves it to the receiver to guess host, program and end.
type syslogSink struct {
	spec    pylog.Syslog
	tagged  bool // the format begins with a tag of its own
	host    string
	trouble *trouble
	now     func() time.Time

	queue   chan []byte
	closing chan struct{} // closed by Close
	once    sync.Once
	lost    atomic.Uint64
	done    chan struct{} // closed when the goroutine ended
	conn    net.Conn      // of the goroutine; nil: to be connected
	ctx     context.Context
	cancel  context.CancelFunc // ends what the goroutine waits for
}

// ownTag is the beginning of a format that names the program, such as "tabpy: " or "tabpy[%(process)d]: ".
var ownTag = regexp.MustCompile(`^[\w./-]{1,48}(?:\[|: ?$|: )`)

func openSyslog(h pylog.Handler, t *trouble, now func() time.Time) *syslogSink {
	s := &syslogSink{
		spec: h.Syslog, tagged: ownTag.MatchString(h.Format.Prefix()), trouble: t, now: now, queue: make(chan []byte, syslogQueue),
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	if name, err := os.Hostname(); err == nil {
		s.host, _, _ = strings.Cut(name, ".") // RFC 3164, 4.1.2: without the domain
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.run()
	return s
}

// put never blocks.
func (s *syslogSink) put(line []byte, r *pylog.Record) error {
	select {
	case s.queue <- s.packet(line, r.Level, r.Time):
	default:
		s.lost.Add(1)
	}
	return nil
}

// packet is <PRI>TIMESTAMP HOSTNAME TAG: text, without the host name for a socket of this host (RFC 3164, 4.1).
func (s *syslogSink) packet(line []byte, level int, at time.Time) []byte {
	head := fmt.Sprintf("<%d>%s ", s.spec.Facility<<3|severity(level), at.Format(time.Stamp))
	if s.spec.Network == "udp" || s.spec.Network == "tcp" {
		head += s.host + " "
	}
	if !s.tagged {
		head += fmt.Sprintf("tabcell[%d]: ", os.Getpid())
	}
	text := strings.ReplaceAll(string(line), "\n", " ") // from the format: on a stream it would end the message
	if len(head)+len(text) > mostPacket {
		text = strings.ToValidUTF8(text[:mostPacket-len(head)-len("...")], "") + "..."
	}
	return []byte(head + text)
}

// severity is syslog's number for a level of Python's.
func severity(level int) int {
	switch {
	case level >= 50:
		return 2
	case level >= 40:
		return 3
	case level >= 30:
		return 4
	case level >= 20:
		return 6
	}
	return 7
}

// run sends until Close, then what is left as long as there is time.
func (s *syslogSink) run() {
	defer close(s.done)
	defer s.hangUp()
	for {
		select {
		case packet := <-s.queue:
			s.deliver(packet)
		case <-s.closing:
			for {
				select {
				case packet := <-s.queue:
					s.deliver(packet)
				default:
					s.tellLost()
					return
				}
			}
		}
	}
}

// deliver sends one packet: it waits for a receiver that cannot be reached until the server ends, and gives up what one does not take.
func (s *syslogSink) deliver(packet []byte) {
	refused := false
	for wait := shortestWait; ; {
		err := s.send(packet)
		if err == nil {
			s.tellLost()
			return
		}
		s.trouble.report(0, err)
		if s.ctx.Err() != nil || refused {
			s.lost.Add(1)
			return
		}
		if refused = isWrite(err); refused {
			continue // once more at once: the receiver may have been started anew
		}
		s.pause(wait)
		wait = min(2*wait, longestWait)
	}
}

// pause waits before the next try; when the server ends there is no other.
func (s *syslogSink) pause(wait time.Duration) {
	select {
	case <-time.After(wait):
	case <-s.closing:
		s.cancel()
	}
}

func isWrite(err error) bool {
	op, ok := err.(*net.OpError)
	return ok && op.Op == "write"
}

// send connects if need be. After an error there is no connection. Nothing is sent any more when the server's patience is over.
func (s *syslogSink) send(packet []byte) error {
	if err := s.ctx.Err(); err != nil {
		s.hangUp()
		return err
	}
	if s.conn == nil {
		if err := s.dial(); err != nil {
			return err
		}
	}
	if s.spec.Network != "udp" && !strings.HasPrefix(s.conn.LocalAddr().Network(), "unixgram") {
		packet = append(packet[:len(packet):len(packet)], '\n') // RFC 6587, 3.4.2
	}
	err := s.conn.SetWriteDeadline(time.Now().Add(syslogSend))
	if err == nil {
		_, err = s.conn.Write(packet)
	}
	if err != nil {
		s.hangUp()
	}
	return err
}

func (s *syslogSink) dial() error {
	networks := []string{s.spec.Network}
	if s.spec.Network == "" {
		networks = []string{"unixgram", "unix"}
	}
	var err error
	for _, network := range networks {
		d := net.Dialer{Timeout: syslogDial}
		if s.conn, err = d.DialContext(s.ctx, network, s.spec.Address); err == nil {
			return nil
		}
		s.conn = nil // a nil *net.UnixConn in an interface would not be nil
	}
	return err
}

func (s *syslogSink) hangUp() {
	if s.conn != nil {
		_ = s.conn.Close()
		s.conn = nil
	}
}

// tellLost reports what was dropped since it was last asked, here and to the receiver.
func (s *syslogSink) tellLost() {
	lost := s.lost.Swap(0)
	if lost == 0 {
		return
	}
	s.trouble.report(lost, fmt.Errorf("the receiver %s does not take lines as fast as they come", s.spec.Address))
	note := fmt.Appendf(nil, "%d lines of this log were lost", lost)
	_ = s.send(s.packet(note, 30, s.now()))
}

// Close sends what waits, and gives up after some seconds.
func (s *syslogSink) Close() error {
	s.once.Do(func() { close(s.closing) })
	select {
	case <-s.done:
	case <-time.After(syslogFlush):
		s.cancel()
		<-s.done
	}
	s.cancel()
	return nil
}
