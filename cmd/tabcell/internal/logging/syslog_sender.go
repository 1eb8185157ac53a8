package logging

import (
	"fmt"
	"io"
	"time"

	"tabcell/settings/pylog"
)

// Syslog sends lines of another program part to a syslog receiver, with the queue and the retries
// of the log's syslog handler. It is safe for concurrent use.
type Syslog struct{ sink *syslogSink }

// OpenSyslog returns a sender that connects when the first line is sent. Problems with the receiver
// are reported on out, which must be safe for concurrent use.
func OpenSyslog(receiver pylog.Syslog, name string, out io.Writer) *Syslog {
	reporter := &errorReporter{name: name, out: out, now: time.Now}
	return &Syslog{openSyslog(pylog.Handler{Name: name, Kind: pylog.SysLogHandler, Syslog: receiver}, reporter, time.Now)}
}

// Send adds a line to the queue, with the severity "notice". It returns an error if the queue is
// full; then the line is not sent.
func (s *Syslog) Send(line []byte) error {
	if !s.sink.offer(s.sink.format.packet(line, levelNotice, time.Now())) {
		return fmt.Errorf("the syslog receiver %s does not accept lines as fast as they are written", s.sink.conn.spec.Address)
	}
	return nil
}

// Close sends the waiting lines, and gives up after two seconds.
func (s *Syslog) Close() error { return s.sink.Close() }
