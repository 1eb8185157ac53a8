// Package logging writes the server's log to the destinations in the configuration.
//
// Without logger sections in the configuration file, the log goes to standard error, as text or
// JSON. With them, it goes where Python's logging module would send it: a router passes each record
// to the handlers of its logger, which write to streams, to files that can rotate, or to a syslog
// receiver, in the format of Python's formatters. The records are made from the lines that zerolog
// writes.
package logging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"tabcell/settings"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// Output describes the standard streams, and the format of the log if the configuration has no
// logger sections.
type Output struct {
	Stdout, Stderr io.Writer
	Color          bool // color warnings and errors on Stderr
	Text           bool // if the configured format is "auto", write text and not JSON
	// Events, if not nil, gets all warnings and errors that are logged, in addition to the handlers:
	// for the log of the system, where an administrator looks first.
	Events func(level zerolog.Level, message string)
}

// Log is the log of a running server. A reload of the configuration calls Reopen and Prepare.
type Log struct {
	zerolog.Logger
	*target
}

// Open opens the log that a configuration asks for: that of Python's logger sections in the file,
// or else the default log. If a handler cannot be opened, the error names its line in the file.
func Open(file string, loaded *settings.Loaded, out Output) (Log, error) {
	t := &target{out: out}
	if loaded.PyLog == nil {
		return openDefault(t, loaded.Settings.Log), nil
	}
	r, err := openRouter(file, loaded.PyLog, out)
	if err != nil {
		return Log{}, err
	}
	t.use(r, loaded.PyLog)
	l := Log{zerolog.New(withEvents(t, out.Events)).Sample(t).Hook(sourceHook{&t.hasSource}), t}
	for _, g := range unusedLoggers(loaded.PyLog.Loggers) {
		l.Warn().Msgf("%s line %d: no record is logged under the name %q; the names in use are %s, %s and %s",
			file, g.Line, g.Name, startLogger, requestLogger, accessLogger)
	}
	return l, nil
}

// New returns the log for a configuration without logger sections. It writes to standard error, as
// text for people or as JSON for programs.
//
// GAP: TabPy logs at DEBUG in this case; here TABCELL_LOG_LEVEL applies.
func New(cfg settings.Log, out Output) zerolog.Logger {
	return openDefault(&target{out: out}, cfg).Logger
}

// openDefault returns the log of New.
func openDefault(t *target, cfg settings.Log) Log {
	level := levelOf(cfg)
	if cfg.Format != "text" && (cfg.Format != "auto" || !t.out.Text) {
		t.level.Store(int32(level))
		return Log{zerolog.New(withEvents(zerolog.SyncWriter(t.out.Stderr), t.out.Events)).Sample(t).With().Timestamp().Logger(), t}
	}
	t.use(newTextRouter(pyLevel(level), t.out), nil)
	return Log{zerolog.New(withEvents(t, t.out.Events)).Sample(t), t}
}

// levelOf returns the configured level.
func levelOf(cfg settings.Log) zerolog.Level {
	level, err := zerolog.ParseLevel(cfg.Level)
	if err != nil {
		return zerolog.InfoLevel // cannot happen: the settings permit only valid levels
	}
	return level
}

// newTextRouter returns a router that writes text to standard error.
func newTextRouter(level int, out Output) *router {
	format, problems := pylog.ParseFormat("%(asctime)s.%(msecs)03d %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S", "%")
	if len(problems) > 0 {
		panic(problems[0]) // cannot happen: the format is a constant
	}
	stderr := &streamSink{mu: new(sync.Mutex), out: out.Stderr, color: out.Color}
	h := &handler{name: "stderr", format: format, sink: stderr, reporter: &errorReporter{out: io.Discard, now: time.Now}}
	return &router{
		loggers:  map[string]pyLogger{"": {level: level, handlers: []*handler{h}}},
		handlers: []*handler{h}, lastResort: h, now: time.Now, started: time.Now(),
	}
}

// usesSource reports whether a handler shows the source position of records.
func usesSource(l *pylog.Config) bool {
	for _, h := range l.Handlers {
		if h.Format.UsesSource() {
			return true
		}
	}
	return false
}

// openRouter opens all handlers. If one of them fails, it closes the others and returns an error.
func openRouter(file string, l *pylog.Config, out Output) (*router, error) {
	r := &router{loggers: map[string]pyLogger{}, now: time.Now, started: time.Now()}
	factory := handlerFactory{
		stdout: &streamSink{mu: new(sync.Mutex), out: out.Stdout},
		stderr: &streamSink{mu: new(sync.Mutex), out: out.Stderr},
		now:    r.now,
	}
	r.lastResort = &handler{level: levelWarning, sink: factory.stderr, reporter: factory.errorReporter("last resort")}
	opened, errs := map[string]*handler{}, []error(nil)
	for _, h := range l.Handlers {
		handler, err := factory.open(h)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s line %d: log handler %s cannot be opened: %w%s", file, h.Line, h.Name, err, adviceFor(err)))
			continue
		}
		opened[h.Name] = handler
		r.handlers = append(r.handlers, handler)
	}
	if errs != nil {
		return nil, errors.Join(append(errs, r.Close())...)
	}
	for _, g := range append([]pylog.Logger{l.Root}, l.Loggers...) {
		logger := pyLogger{level: g.Level, propagate: g.Propagate}
		for _, name := range g.Handlers {
			logger.handlers = append(logger.handlers, opened[name])
		}
		r.loggers[g.Name] = logger
	}
	return r, nil
}

// adviceFor returns the end of the error message for a handler that cannot be opened.
func adviceFor(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "; create the folder, or name another one in args"
	case errors.Is(err, fs.ErrPermission):
		return "; give the user who runs the server write permission, or name another file in args"
	case errors.Is(err, fs.ErrExist):
		return "; mode 'x' requires a file that does not exist"
	}
	return ""
}
