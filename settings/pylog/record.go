package pylog

import (
	"os"
	"strings"
	"time"
)

// Record is one log record.
type Record struct {
	Time     time.Time // in the time zone of the output
	Started  time.Time // when the process started
	Level    int
	Logger   string
	Message  string
	File     string // of the source: the path of the package, a slash, and the file's name
	Line     int
	Function string
}

// recordFields has the attributes of Python's LogRecord except asctime. The values are of type
// string, int64 or float64.
var recordFields = map[string]func(*Record) any{
	"message":   func(r *Record) any { return r.Message },
	"msg":       func(r *Record) any { return r.Message },
	"name":      func(r *Record) any { return r.Logger },
	"levelno":   func(r *Record) any { return int64(r.Level) },
	"levelname": func(r *Record) any { return levelName(r.Level) },
	"pathname":  func(r *Record) any { return r.File },
	"filename":  func(r *Record) any { return r.file() },
	"module":    func(r *Record) any { return strings.TrimSuffix(r.file(), ".go") },
	"lineno":    func(r *Record) any { return int64(r.Line) },
	"funcName":  func(r *Record) any { return r.Function },
	"created":   func(r *Record) any { return float64(r.Time.UnixNano()) / 1e9 },
	"msecs":     func(r *Record) any { return float64(r.Time.Nanosecond() / 1e6) },
	"relativeCreated": func(r *Record) any {
		return float64(r.Time.Sub(r.Started).Nanoseconds()) / 1e6
	},
	"process":     func(*Record) any { return int64(os.Getpid()) },
	"processName": func(*Record) any { return "MainProcess" },
	"thread":      func(*Record) any { return int64(os.Getpid()) }, // the id of the main thread on Linux; goroutines have none
	"threadName":  func(*Record) any { return "MainThread" },
	"taskName":    func(*Record) any { return "None" },
}

// file returns the file name without its path.
func (r *Record) file() string { return r.File[strings.LastIndexByte(r.File, '/')+1:] }

func levelName(level int) string {
	switch {
	case level < 10:
		return "TRACE"
	case level < 20:
		return "DEBUG"
	case level < 30:
		return "INFO"
	case level < 40:
		return "WARNING"
	case level < 50:
		return "ERROR"
	}
	return "CRITICAL"
}
