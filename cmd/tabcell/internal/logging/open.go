// Package logging writes the server's log where the configuration says.
//
// Without logger sections in the configuration file the log goes to standard error, as text or
// JSON. With them it goes where Python's logging module would send it: a router gives each record
// to the handlers of its logger, which write to streams, files that can rotate, or a syslog
// receiver, in the format of Python's formatters. Lines of zerolog are turned into records.
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

// Output describes where the log goes if the configuration has no logger sections, and in which form.
type Output struct {
	Stdout, Stderr io.Writer
	Color          bool // color warnings and errors on stderr
	Text           bool // if the format is "auto", write text and not JSON
}

// Log is the log of a running server.
type Log struct {
	zerolog.Logger
	io.Closer
}

// Open opens the log that a configuration asks for: what Python's logger sections of the file say, or the default log. A handler that
// cannot be opened is an error that names the line of the file.
func Open(file string, loaded *settings.Loaded, out Output) (Log, error) {
	if loaded.PyLog == nil {
		return Log{New(loaded.Settings.Log, out), io.NopCloser(nil)}, nil
	}
	t, err := openRouter(file, loaded.PyLog, out)
	if err != nil {
		return Log{}, err
	}
	l := Log{t.logger(), t}
	if usesSource(loaded.PyLog) {
		l.Logger = l.Hook(sourceHook{})
	}
	for _, g := range t.unheard(loaded.PyLog.Loggers) {
		l.Warn().Msgf("%s line %d: nothing is logged under the name %q here: there are %s, %s, %s", file, g.Line, g.Name, startLogger, requestLogger, accessLogger)
	}
	return l, nil
}

// New returns the log without logger sections, on standard error: text for people, JSON for machines.
//
// GAP: TabPy logs at DEBUG then; here it takes TABCELL_LOG_LEVEL.
func New(cfg settings.Log, out Output) zerolog.Logger {
	level, err := zerolog.ParseLevel(cfg.Level)
	if err != nil {
		level = zerolog.InfoLevel // settings let nothing else through
	}
	if cfg.Format != "text" && (cfg.Format != "auto" || !out.Text) {
		return zerolog.New(zerolog.SyncWriter(out.Stderr)).Level(level).With().Timestamp().Logger()
	}
	return plainRouter(pyLevel(level), out).logger()
}

// plainRouter writes text to standard error.
func plainRouter(level int, out Output) *router {
	format, problems := pylog.ParseFormat("%(asctime)s.%(msecs)03d %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S", "%")
	if len(problems) > 0 {
		panic(problems[0]) // it is a constant
	}
	stderr := &streamSink{mu: new(sync.Mutex), out: out.Stderr, colour: out.Color}
	o := &outlet{name: "stderr", format: format, sink: stderr, trouble: &trouble{out: io.Discard, now: time.Now}}
	return &router{
		loggers: map[string]node{"": {level: level, outlets: []*outlet{o}}}, outlets: []*outlet{o}, last: o, now: time.Now, started: time.Now(),
	}
}

func usesSource(l *pylog.Config) bool {
	for _, h := range l.Handlers {
		if h.Format.UsesSource() {
			return true
		}
	}
	return false
}

// openRouter opens every handler, or none.
func openRouter(file string, l *pylog.Config, out Output) (*router, error) {
	t := &router{loggers: map[string]node{}, now: time.Now, started: time.Now()}
	o := opener{stdout: &streamSink{mu: new(sync.Mutex), out: out.Stdout}, stderr: &streamSink{mu: new(sync.Mutex), out: out.Stderr}, now: t.now}
	t.last = &outlet{level: 30, sink: o.stderr, trouble: o.trouble("last resort")}
	opened, errs := map[string]*outlet{}, []error(nil)
	for _, h := range l.Handlers {
		told := o.trouble(h.Name)
		s, err := o.open(h, told)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s line %d: log handler %s cannot be opened: %w%s", file, h.Line, h.Name, err, adviceOn(err)))
			continue
		}
		opened[h.Name] = &outlet{h.Name, h.Level, h.Format, s, told}
		t.outlets = append(t.outlets, opened[h.Name])
	}
	if errs != nil {
		return nil, errors.Join(append(errs, t.Close())...)
	}
	for _, g := range append([]pylog.Logger{l.Root}, l.Loggers...) {
		node := node{level: g.Level, propagate: g.Propagate}
		for _, name := range g.Handlers {
			node.outlets = append(node.outlets, opened[name])
		}
		t.loggers[g.Name] = node
	}
	return t, nil
}

func adviceOn(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "; create the folder, or name another one in args"
	case errors.Is(err, fs.ErrPermission):
		return "; let the user who runs the server write there, or name another file in args"
	case errors.Is(err, fs.ErrExist):
		return "; mode 'x' wants a file that does not exist"
	}
	return ""
}

// opener opens handlers.
type opener struct {
	stdout, stderr *streamSink
	now            func() time.Time
}

func (o opener) trouble(name string) *trouble {
	return &trouble{name: name, out: lockedStream{o.stderr}, now: o.now}
}

func (o opener) open(h pylog.Handler, told *trouble) (sink, error) {
	switch h.Kind {
	case pylog.NullHandler:
		return nullSink{}, nil
	case pylog.StreamHandler:
		if h.Stdout {
			return o.stdout, nil
		}
		return o.stderr, nil
	case pylog.SysLogHandler:
		return openSyslog(h, told, o.now), nil
	}
	return openFile(h, told, o.now)
}

// lockedStream is a stream for complaints, which must not be mixed up with lines.
type lockedStream struct{ *streamSink }

func (l lockedStream) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(text)
}
