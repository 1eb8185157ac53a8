// Package pylog reads the logger sections of a TabPy configuration file: [loggers], [handlers],
// [formatters] and the sections that these list, as logging.config.fileConfig of CPython 3.13 does.
//
// Read returns a description of the loggers, handlers and formatters, with a warning for each part
// that tabcell does not support. It opens no files and evaluates no expressions.
package pylog

import "time"

// Config is the content of the logger sections, without the parts that are not supported.
//
// Levels are Python's numbers: 10 DEBUG, 20 INFO, 30 WARNING, 40 ERROR, 50 CRITICAL. At level 0,
// everything is logged.
type Config struct {
	Root     Logger
	Loggers  []Logger  // except the root, in the order of their keys
	Handlers []Handler // in the order of their keys
	Text     string    // the names and values of all options, before interpolation
}

// Equal reports whether both configurations come from the same options. Either may be nil.
func (c *Config) Equal(other *Config) bool {
	if c == nil || other == nil {
		return c == other
	}
	return c.Text == other.Text
}

// Logger is the destination of the records with one name and with the names below it. A record
// passes if its level is at least that of the nearest logger, from its own upward, that has a
// level. It then goes to the handlers of each logger on the way to the root.
type Logger struct {
	Name      string // qualname, with dots between the parts; "" for the root
	Level     int    // 0 to inherit the level of the parent
	Handlers  []string
	Propagate bool // also use the handlers of the parent
	Line      int  // of its section
}

// Handler is a destination of log lines.
type Handler struct {
	Name   string
	Kind   Kind
	Level  int // minimum level of its records
	Format Format
	Stdout bool   // for StreamHandler: standard output instead of standard error
	File   File   // for the kinds of files
	Syslog Syslog // for SysLogHandler
	Line   int    // of its args, or of its section
}

// Kind is a class of handlers in Python's logging package.
type Kind uint8

// The supported classes.
const (
	NullHandler Kind = iota
	StreamHandler
	FileHandler
	WatchedFileHandler // opens the file again after another program has moved it
	RotatingFileHandler
	TimedRotatingFileHandler
	SysLogHandler
)

// File is a log file and its rotation.
type File struct {
	Path      string // relative to the working directory, as in Python
	Truncate  bool   // empty the file at start
	Exclusive bool   // the file must not exist at start
	MaxBytes  int64  // for RotatingFileHandler; 0 for no rotation
	Backups   int    // number of rotated files to keep; 0 keeps all (by time) or disables rotation (by size)
	When      When   // for TimedRotatingFileHandler
	Interval  int    // in units of When
	UTC       bool
}

// When is the unit of a TimedRotatingFileHandler. S, M, H and D count from the last change of the
// file. MIDNIGHT, and W0 (the end of Monday) to W6, are at midnight.
type When string

// Midnight reports whether w is a time of day rather than a duration.
func (w When) Midnight() bool { return w == "MIDNIGHT" || w[0] == 'W' }

// Span returns the length of the unit.
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
	Network  string // "udp", "tcp", "unix" or "unixgram"; "" to try both kinds of Unix sockets
	Address  string // host:port, or the path of a socket
	Facility int    // 0-23
}

// Warning is about a part of the logger sections that has no effect, or not the one it has in
// Python.
type Warning struct {
	Line int // in the file, from 1
	Text string
}
