package logging

import (
	"errors"
	"strings"
	"time"

	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// router takes zerolog's lines to the outlets that Python's logging would take them to. It is safe for many goroutines: what it consists
// of does not change, and each sink has a lock of its own.
type router struct {
	loggers map[string]node // by name; "" is the root
	outlets []*outlet
	last    *outlet // for records that meet no handler, as Python has it
	now     func() time.Time
	started time.Time
}

// node is a logger of the configuration.
type node struct {
	level     int // 0: that of the logger above
	outlets   []*outlet
	propagate bool
}

// outlet is a handler: a place for lines, what it takes, and how it shows that.
type outlet struct {
	name    string
	level   int
	format  pylog.Format
	sink    sink
	trouble *trouble
}

// sink takes finished lines, without a line feed. It is safe for many goroutines.
type sink interface {
	put(line []byte, r *pylog.Record) error
	Close() error
}

// WriteLevel implements zerolog.LevelWriter. It never fails: a place that cannot be written to must not end a request.
func (t *router) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	r := readRecord(line)
	r.Level, r.Time, r.Started = pyLevel(level), t.now(), t.started
	if r.Level < t.levelOf(r.Logger) {
		return len(line), nil
	}
	met := false
	for name, more := r.Logger, true; more; name, more = above(name) {
		node, known := t.loggers[name]
		for _, o := range node.outlets {
			met = true
			o.take(&r)
		}
		if known && !node.propagate {
			break
		}
	}
	if !met {
		t.last.take(&r)
	}
	return len(line), nil
}

// Write implements io.Writer, which zerolog asks for and does not use.
func (t *router) Write(line []byte) (int, error) { return t.WriteLevel(zerolog.NoLevel, line) }

func (o *outlet) take(r *pylog.Record) {
	if r.Level < o.level {
		return
	}
	if err := o.sink.put(o.format.Append(nil, r), r); err != nil {
		o.trouble.report(1, err)
	}
}

// levelOf is the level of the nearest logger that has one.
func (t *router) levelOf(name string) int {
	for more := true; more; name, more = above(name) {
		if level := t.loggers[name].level; level != 0 {
			return level
		}
	}
	return 0
}

// above is the logger above: the root above "tornado", none above the root.
func above(name string) (string, bool) {
	i := strings.LastIndexByte(name, '.')
	return name[:max(i, 0)], name != ""
}

// logger is what writes here.
func (t *router) logger() zerolog.Logger { return zerolog.New(t).Level(t.level()) }

// level is the least that any outlet may get: what is below need not be made.
func (t *router) level() zerolog.Level {
	least := t.levelOf("")
	for name := range t.loggers {
		least = min(least, t.levelOf(name))
	}
	for level := zerolog.TraceLevel; level <= zerolog.ErrorLevel; level++ {
		if pyLevel(level) >= least {
			return level
		}
	}
	return zerolog.FatalLevel
}

// pyLevel is Python's number for a level.
func pyLevel(level zerolog.Level) int {
	switch level {
	case zerolog.TraceLevel:
		return 5
	case zerolog.DebugLevel:
		return 10
	case zerolog.WarnLevel:
		return 30
	case zerolog.ErrorLevel:
		return 40
	case zerolog.FatalLevel, zerolog.PanicLevel:
		return 50
	}
	return 20
}

// unheard are the configured loggers under whose names nothing is ever logged here.
func (t *router) unheard(loggers []pylog.Logger) []pylog.Logger {
	var all []pylog.Logger
	for _, l := range loggers {
		heard := false
		for _, name := range []string{startLogger, requestLogger, accessLogger} {
			heard = heard || name == l.Name || strings.HasPrefix(name, l.Name+".")
		}
		if !heard {
			all = append(all, l)
		}
	}
	return all
}

// Close flushes and closes all outlets.
func (t *router) Close() error {
	var errs []error
	for _, o := range t.outlets {
		errs = append(errs, o.sink.Close())
		o.trouble.end()
	}
	return errors.Join(errs...)
}
