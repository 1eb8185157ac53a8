package main

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

// logOutput describes where the log goes if the configuration has no logger sections, and in which form.
type logOutput struct {
	stdout, stderr io.Writer
	colour         bool // color warnings and errors on stderr
	text           bool // if the format is "auto", write text and not JSON
}

// logs is the log of a running server.
type logs struct {
	zerolog.Logger
	io.Closer
}

// openLog opens the log that a configuration asks for: what Python's logger sections of the file say, or the default log. A handler that
// cannot be opened is an error that names the line of the file.
func openLog(file string, loaded *settings.Loaded, out logOutput) (logs, error) {
	if loaded.PyLog == nil {
		return logs{newLogger(loaded.Settings.Log, out), io.NopCloser(nil)}, nil
	}
	t, err := openRouter(file, loaded.PyLog, out)
	if err != nil {
		return logs{}, err
	}
	l := logs{t.logger(), t}
	if usesSource(loaded.PyLog) {
		l.Logger = l.Hook(sourceHook{})
	}
	for _, g := range t.unheard(loaded.PyLog.Loggers) {
		l.Warn().Msgf("%s line %d: nothing is logged under the name %q here: there are %s, %s, %s", file, g.Line, g.Name, startLogger, requestLogger, accessLogger)
	}
	return l, nil
}

// newLogger returns the log without logger sections, on standard error: text for people, JSON for machines.
//
// GAP: TabPy logs at DEBUG then; here it takes TABCELL_LOG_LEVEL.
func newLogger(cfg settings.Log, out logOutput) zerolog.Logger {
	level, err := zerolog.ParseLevel(cfg.Level)
	if err != nil {
		level = zerolog.InfoLevel // settings let nothing else through
	}
	if cfg.Format != "text" && (cfg.Format != "auto" || !out.text) {
		return zerolog.New(zerolog.SyncWriter(out.stderr)).Level(level).With().Timestamp().Logger()
	}
	return plainRouter(pyLevel(level), out).logger()
}

// plainRouter writes text to standard error.
func plainRouter(level int, out logOutput) *logRouter {
	format, problems := pylog.ParseFormat("%(asctime)s.%(msecs)03d %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S", "%")
	if len(problems) > 0 {
		panic(problems[0]) // it is a constant
	}
	stderr := &streamSink{mu: new(sync.Mutex), out: out.stderr, colour: out.colour}
	o := &outlet{name: "stderr", format: format, sink: stderr, trouble: &trouble{out: io.Discard, now: time.Now}}
	return &logRouter{
		loggers: map[string]logNode{"": {level: level, outlets: []*outlet{o}}}, outlets: []*outlet{o}, last: o, now: time.Now, started: time.Now(),
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
func openRouter(file string, l *pylog.Config, out logOutput) (*logRouter, error) {
	t := &logRouter{loggers: map[string]logNode{}, now: time.Now, started: time.Now()}
	o := opener{stdout: &streamSink{mu: new(sync.Mutex), out: out.stdout}, stderr: &streamSink{mu: new(sync.Mutex), out: out.stderr}, now: t.now}
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
		node := logNode{level: g.Level, propagate: g.Propagate}
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
