// Package pylog reads the logger sections of a TabPy configuration file: [loggers], [handlers],
// [formatters] and the sections that these name, as logging.config.fileConfig of CPython 3.13 does.
// It opens nothing and evaluates nothing: it returns a description of the loggers, handlers and
// formatters, with a warning for each part that has no counterpart here.
package pylog

import "time"

// Config is what Python's logger sections of the configuration file ask for: [loggers], [handlers], [formatters] and the sections that
// these name, as logging.config.fileConfig of CPython 3.13 reads them. What has no counterpart here was left out with a warning.
//
// Levels are Python's numbers: 10 DEBUG, 20 INFO, 30 WARNING, 40 ERROR, 50 CRITICAL; 0 lets everything through.
type Config struct {
	Root     Logger
	Loggers  []Logger  // the others, in the order of their keys
	Handlers []Handler // in the order of their keys
}

// Logger says where the records of one name, and of the names below it, go. A record passes if its level is at least that of the
// nearest logger above it that has one; then it is offered to the handlers of each logger on the way to the root.
type Logger struct {
	Name      string // qualname, dots between the parts; "" is the root
	Level     int    // 0: that of the logger above
	Handlers  []string
	Propagate bool // go on with the logger above
	Line      int  // of its section
}

// Handler is a place that lines go to.
type Handler struct {
	Name   string
	Kind   Kind
	Level  int // the least that it takes
	Format Format
	Stdout bool   // StreamHandler: standard output, otherwise standard error
	File   File   // the kinds of files
	Syslog Syslog // SysLogHandler
	Line   int    // of its args, or its section
}

// Kind is a class of Python's.
type Kind uint8

// The kinds that exist.
const (
	NullHandler Kind = iota
	StreamHandler
	FileHandler
	WatchedFileHandler // opens the file anew when another program has moved it away
	RotatingFileHandler
	TimedRotatingFileHandler
	SysLogHandler
)

// File is a file that lines are appended to, and when it is moved away.
type File struct {
	Path      string // relative to the working directory, as in Python
	Truncate  bool   // emptied at start
	Exclusive bool   // must not exist at start
	MaxBytes  int64  // RotatingFileHandler; 0: never
	Backups   int    // moved files that are kept; 0 keeps all (by time), or never moves (by size)
	When      When   // TimedRotatingFileHandler
	Interval  int    // how many of When
	UTC       bool
}

// When is the unit of a TimedRotatingFileHandler: S, M, H, D count from the last change; MIDNIGHT and W0 (the end of Monday) to W6
// fall on midnight.
type When string

// Midnight tells whether it is a time of day rather than a span.
func (w When) Midnight() bool { return w == "MIDNIGHT" || w[0] == 'W' }

// Span is the length of the unit.
func (w When) Span() time.Duration {
	switch w[0] {
	case 'S':
		return time.Second
	case 'H':
		return time.Hour
	case 'W':
		return 7 * 24 * time.Hour
	case 'M':
		if w == "M" {
			return time.Minute
		}
	}
	return 24 * time.Hour
}

// Syslog is a receiver of RFC 3164 messages.
type Syslog struct {
	Network  string // "udp", "tcp"; "unix", "unixgram", or "" for either of these
	Address  string // host:port, or the path of a socket
	Facility int    // 0-23
}

// Warning is a part of the logger sections that has no effect, or another effect than in Python.
type Warning struct {
	Line int // of the file, from 1
	Text string
}
