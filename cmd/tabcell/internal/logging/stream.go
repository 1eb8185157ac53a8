package logging

import (
	"io"
	"sync"

	"tabcell/settings/pylog"
)

// streamSink writes to standard output or standard error.
type streamSink struct {
	mu    *sync.Mutex // of the stream
	out   io.Writer   // guarded by mu
	color bool        // color warnings and errors
}

const (
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	reset  = "\x1b[0m"
)

func (s *streamSink) put(line []byte, rec *pylog.Record) error {
	before, after := "", "\n"
	if s.color && rec.Level >= levelWarning {
		before, after = yellow, reset+"\n"
		if rec.Level >= levelError {
			before = red
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.out.Write(append(append([]byte(before), line...), after...))
	return err
}

// Close does nothing.
func (s *streamSink) Close() error { return nil }

// nullSink discards all lines.
type nullSink struct{}

func (nullSink) put([]byte, *pylog.Record) error { return nil }
func (nullSink) Close() error                    { return nil }
