package logging

import (
	"errors"
	"strings"
	"time"

	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// router passes the lines of zerolog to the handlers to which Python's logging would pass them. It
// is safe for concurrent use, because it does not change and each sink has its own lock.
type router struct {
	loggers    map[string]pyLogger // by name; "" is the root
	handlers   []*handler
	lastResort *handler // for records that reach no handler, as in Python
	now        func() time.Time
	started    time.Time
}

// pyLogger is a logger of the configuration.
type pyLogger struct {
	level     int // 0 means the level of the parent
	handlers  []*handler
	propagate bool
}

// WriteLevel implements zerolog.LevelWriter. It never returns an error, because a failing handler
// must not end a request.
func (r *router) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	rec := readRecord(line)
	rec.Level, rec.Time, rec.Started = pyLevel(level), r.now(), r.started
	if rec.Level < r.effectiveLevel(rec.Logger) {
		return len(line), nil
	}
	reached := false
	for name, ok := rec.Logger, true; ok; name, ok = parent(name) {
		logger, configured := r.loggers[name]
		for _, h := range logger.handlers {
			reached = true
			h.handle(&rec)
		}
		if configured && !logger.propagate {
			break
		}
	}
	if !reached {
		r.lastResort.handle(&rec)
	}
	return len(line), nil
}

// Write implements io.Writer, which zerolog requires but does not use.
func (r *router) Write(line []byte) (int, error) { return r.WriteLevel(zerolog.NoLevel, line) }

// effectiveLevel returns the level of the named logger, or else of its nearest ancestor that has
// one.
func (r *router) effectiveLevel(name string) int {
	for ok := true; ok; name, ok = parent(name) {
		if level := r.loggers[name].level; level != 0 {
			return level
		}
	}
	return 0
}

// parent returns the name of the parent of a logger, such as "" for "tornado", and reports whether
// there is one.
func parent(name string) (string, bool) {
	i := strings.LastIndexByte(name, '.')
	return name[:max(i, 0)], name != ""
}

// minLevel returns the lowest level that a handler may receive. Lines of lower levels need not be
// written.
func (r *router) minLevel() zerolog.Level {
	minimum := r.effectiveLevel("")
	for name := range r.loggers {
		minimum = min(minimum, r.effectiveLevel(name))
	}
	return zerologLevel(minimum)
}

// unusedLoggers returns the configured loggers that receive no records, because their names are
// neither names of tabcell's loggers nor prefixes of them.
func unusedLoggers(loggers []pylog.Logger) []pylog.Logger {
	var unused []pylog.Logger
	for _, l := range loggers {
		used := false
		for _, name := range []string{startLogger, requestLogger, accessLogger} {
			used = used || name == l.Name || strings.HasPrefix(name, l.Name+".")
		}
		if !used {
			unused = append(unused, l)
		}
	}
	return unused
}

// Close flushes and closes all handlers.
func (r *router) Close() error {
	var errs []error
	for _, h := range r.handlers {
		errs = append(errs, h.sink.Close())
		h.reporter.flush()
	}
	return errors.Join(errs...)
}
