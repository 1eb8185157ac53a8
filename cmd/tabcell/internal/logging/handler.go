package logging

import (
	"io"
	"time"

	"tabcell/settings/pylog"
)

// handler is the counterpart of a handler of Python's logging: it formats the records of its level
// and above, and writes them to a sink.
type handler struct {
	name     string
	level    int
	format   pylog.Format
	sink     sink
	reporter *errorReporter
}

// sink writes formatted records, which have no final line feed. It is safe for concurrent use.
type sink interface {
	put(line []byte, rec *pylog.Record) error
	Close() error
}

func (h *handler) handle(rec *pylog.Record) {
	if rec.Level < h.level {
		return
	}
	if err := h.sink.put(h.format.Append(nil, rec), rec); err != nil {
		h.reporter.report(1, err)
	}
}

// handlerFactory opens the handlers of a configuration. Handlers of the same standard stream share
// its sink.
type handlerFactory struct {
	stdout, stderr *streamSink
	now            func() time.Time
}

func (f handlerFactory) open(h pylog.Handler) (*handler, error) {
	reporter := f.errorReporter(h.Name)
	sink, err := f.openSink(h, reporter)
	if err != nil {
		return nil, err
	}
	return &handler{h.Name, h.Level, h.Format, sink, reporter}, nil
}

func (f handlerFactory) openSink(h pylog.Handler, reporter *errorReporter) (sink, error) {
	switch h.Kind {
	case pylog.NullHandler:
		return nullSink{}, nil
	case pylog.StreamHandler:
		if h.Stdout {
			return f.stdout, nil
		}
		return f.stderr, nil
	case pylog.SysLogHandler:
		return openSyslog(h, reporter, f.now), nil
	}
	return openFile(h, reporter, f.now)
}

// errorReporter returns a reporter that writes to standard error. It shares the lock of that
// stream, so that its messages do not appear within the lines of a handler.
func (f handlerFactory) errorReporter(name string) *errorReporter {
	return &errorReporter{name: name, out: lockedWriter{f.stderr}, now: f.now}
}

// lockedWriter is the writer of a stream sink, with its lock.
type lockedWriter struct{ *streamSink }

var _ io.Writer = lockedWriter{}

func (l lockedWriter) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(text)
}
