package logging

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"tabcell/settings"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// target is the destination of a Log: a router, or standard error as JSON. Its level and its router
// can be replaced while the log is in use.
type target struct {
	out       Output
	level     atomic.Int32 // a zerolog.Level; the lowest that is logged
	hasSource atomic.Bool  // whether a handler shows the source position of records

	mu     sync.RWMutex  // held for reading while a line is written
	router *router       // nil if the log is JSON; guarded by mu
	pylog  *pylog.Config // the logger sections of router; nil if there are none; guarded by mu
}

// Sample implements zerolog.Sampler: it reports whether lines of a level are logged. Other than the
// level of a zerolog.Logger, it applies to loggers that have been copied.
func (t *target) Sample(level zerolog.Level) bool { return level >= zerolog.Level(t.level.Load()) }

// WriteLevel implements zerolog.LevelWriter.
func (t *target) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.router.WriteLevel(level, line)
}

// Write implements io.Writer, which zerolog requires but does not use.
func (t *target) Write(line []byte) (int, error) { return t.WriteLevel(zerolog.NoLevel, line) }

// use replaces the router, and closes the previous one, if any. l is nil if the router has no
// logger sections.
func (t *target) use(r *router, l *pylog.Config) {
	t.mu.Lock()
	previous := t.router
	t.router, t.pylog = r, l
	t.level.Store(int32(r.minLevel()))
	t.hasSource.Store(l != nil && usesSource(l))
	t.mu.Unlock()
	if previous != nil {
		_ = previous.Close()
	}
}

// Prepare opens the handlers of a changed configuration, or changes the level. The
// changes take effect when apply is called, which must happen unless Prepare returns an error. A
// handler with mode 'w' does not empty its file again. Logger sections that were added or removed,
// and another format, need a restart and are ignored.
func (t *target) Prepare(file string, loaded *settings.Loaded) (apply func(), err error) {
	t.mu.RLock()
	current, isJSON := t.pylog, t.router == nil
	t.mu.RUnlock()
	switch {
	case (loaded.PyLog == nil) != (current == nil), loaded.PyLog != nil && loaded.PyLog.Equal(current):
		return func() {}, nil
	case isJSON:
		return func() { t.level.Store(int32(levelOf(loaded.Settings.Log))) }, nil
	case loaded.PyLog == nil:
		return func() { t.use(newTextRouter(pyLevel(levelOf(loaded.Settings.Log)), t.out), nil) }, nil
	}
	r, err := openRouter(file, keepContents(loaded.PyLog), t.out)
	if err != nil {
		return nil, err
	}
	return func() { t.use(r, loaded.PyLog) }, nil
}

// keepContents returns a copy of the logger sections in which no handler empties its file or
// requires that it does not exist.
func keepContents(l *pylog.Config) *pylog.Config {
	out := *l
	out.Handlers = nil
	for _, h := range l.Handlers {
		h.File.Truncate, h.File.Exclusive = false, false
		out.Handlers = append(out.Handlers, h)
	}
	return &out
}

// Reopen opens the log files again, after another program has moved them. If a file cannot be
// opened, its lines continue to go to the old one. The error names all such handlers.
func (t *target) Reopen() error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.router == nil {
		return nil
	}
	return t.router.reopen()
}

// Close flushes and closes all handlers.
func (t *target) Close() error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.router == nil {
		return nil
	}
	return t.router.Close()
}

// reopen opens the files of all handlers again.
func (r *router) reopen() error {
	var errs []error
	for _, h := range r.handlers {
		if file, ok := h.sink.(*fileSink); ok {
			if err := file.reopen(); err != nil {
				errs = append(errs, fmt.Errorf("log handler %s: the file cannot be opened again, and lines continue to go to the old one: %w%s", h.name, err, adviceFor(err)))
			}
		}
	}
	return errors.Join(errs...)
}
