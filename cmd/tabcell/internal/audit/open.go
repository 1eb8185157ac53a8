package audit

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/logging"
	"tabcell/settings"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// authFacility is the syslog facility of audit trails, LOG_AUTHPRIV.
const authFacility = 10

// Open opens the trail that the settings name, or returns nil if they name none. stdout is standard
// output. The log gets notes about the trail itself.
//
// The chain of a file continues where it ended. On standard output and in syslog, each start begins
// a chain.
func Open(cfg settings.Audit, stdout io.Writer, log zerolog.Logger) (*Trail, error) {
	receiver, isSyslog := cfg.Syslog()
	switch {
	case cfg.To == "":
		return nil, nil
	case cfg.To == settings.AuditStdout:
		return newTrail(&streamSink{out: stdout}, origin, log, time.Now), nil
	case isSyslog:
		s := pylog.Syslog{Network: receiver.Network, Address: receiver.Address, Facility: authFacility}
		return newTrail(&syslogSink{sender: logging.OpenSyslog(s, "audit", os.Stderr)}, origin, log, time.Now), nil
	}
	sink, at, note, err := openFile(cfg.To, int64(cfg.MaxMB)<<20, cfg.Keep)
	if err != nil {
		return nil, fmt.Errorf("the audit trail cannot be opened (TABCELL_AUDIT): %w", err)
	}
	if note != "" {
		log.Error().Str("file", sink.path).Msg(note)
	}
	if torn := sink.tear(); torn != nil {
		log.Warn().Str("file", sink.path).Int64("bytes", torn.size).Msg("the last line of the audit trail has no end; the next line records this")
	}
	return newTrail(sink, at, log, time.Now), nil
}

// streamSink writes lines to standard output. After a failure in the middle of a line, its
// beginning becomes a tear.
type streamSink struct {
	out  io.Writer
	torn *tear
}

func (s *streamSink) write(line []byte, _ position, _ bool) error {
	if s.torn != nil {
		line = append([]byte("\n"), line...)
	}
	n, err := s.out.Write(line)
	if err == nil {
		s.torn = nil
		return nil
	}
	if n > 0 && s.torn == nil {
		s.torn = newTear(nil)
	}
	if n > 0 {
		s.torn.add(line[:n])
	}
	return err
}

func (s *streamSink) tear() *tear  { return s.torn }
func (s *streamSink) close() error { return nil }

// syslogSink sends lines to a syslog receiver. A line is stored once it is in the queue.
type syslogSink struct{ sender *logging.Syslog }

func (s *syslogSink) write(line []byte, _ position, _ bool) error {
	return s.sender.Send([]byte(strings.TrimSuffix(string(line), "\n")))
}

func (s *syslogSink) tear() *tear  { return nil }
func (s *syslogSink) close() error { return s.sender.Close() }
