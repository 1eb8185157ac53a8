package pylog

import (
	"fmt"
	"os"
	"strings"
	"time"

	"tabcell/settings/ini"
)

// Record is one line of the log before it is formatted.
type Record struct {
	Time     time.Time // in the zone that dates are shown in
	Started  time.Time // of the process
	Level    int
	Logger   string
	Message  string
	File     string // of the source, with its package's path, slashes between them
	Line     int
	Function string
}

// Format is a formatter of Python's: a format in one of its three styles, and the format of dates. The zero value prints the message.
type Format struct {
	pieces []piece
	dates  dateFormat
}

// piece is literal text, or a field and how it is shown.
type piece struct {
	literal string
	field   string            // "" for literal text
	value   func(*Record) any // of the field; nil for asctime, too
	spec    formatSpec
}

// recordFields are the attributes of Python's records; all values are of type string, int64 or float64.
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
	"thread":      func(*Record) any { return int64(os.Getpid()) }, // as of the first thread on Linux; goroutines have no number
	"threadName":  func(*Record) any { return "MainThread" },
	"taskName":    func(*Record) any { return "None" },
}

// asctime is the field that needs the format of dates besides.
const asctime = "asctime"

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

// ParseFormat reads a formatter's three options; empty ones mean Python's defaults. A part that is not understood is printed as it
// stands; the problems say which and why.
func ParseFormat(format, dates, style string) (Format, []string) {
	c := &compiler{}
	if len(format) > maxLiteral || len(dates) > maxLiteral {
		c.problem("the format is longer than %d bytes; the message alone is printed", maxLiteral)
		return Format{}, c.problems
	}
	switch style {
	case "", "%":
		c.percent(orElse(format, "%(message)s"))
	case "{":
		c.braces(orElse(format, "{message}"))
	case "$":
		c.dollars(orElse(format, "${message}"))
	default:
		c.problem("style %q is none of %%, {, $; %% is assumed", style)
		c.percent(orElse(format, "%(message)s"))
	}
	if c.fields == 0 && len(c.problems) == 0 {
		c.problem("the format names no field, so that all lines are the same")
	}
	f := Format{pieces: c.pieces}
	f.dates, dates = parseDateFormat(dates)
	if dates != "" {
		c.problem("datefmt: %s is not known to strftime, and printed as it stands", dates)
	}
	return f, c.problems
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// compiler turns a format into pieces.
type compiler struct {
	pieces   []piece
	problems []string
	fields   int
}

// problem remembers the first ten.
func (c *compiler) problem(format string, args ...any) {
	if len(c.problems) < 10 {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

func (c *compiler) literal(text string) {
	if n := len(c.pieces); n > 0 && c.pieces[n-1].field == "" {
		c.pieces[n-1].literal += text
	} else if text != "" {
		c.pieces = append(c.pieces, piece{literal: text})
	}
}

// field adds a field as it was written; one that cannot be shown so becomes literal text.
func (c *compiler) field(written, name string, spec formatSpec) {
	why := ""
	switch value := recordFields[name]; {
	case name == asctime:
		why = spec.misfit("")
	case value == nil:
		why = "is no field of a log line"
	default:
		why = spec.misfit(value(&Record{}))
	}
	if why != "" {
		c.odd(written, why)
		return
	}
	c.pieces = append(c.pieces, piece{field: name, value: recordFields[name], spec: spec})
	c.fields++
}

func (c *compiler) odd(written, why string) {
	c.problem("%s %s; it is printed as it stands", written, why)
	c.literal(written)
}

// Append writes a record behind dst, without a line feed.
func (f Format) Append(dst []byte, r *Record) []byte {
	if f.pieces == nil {
		return append(dst, r.Message...)
	}
	for _, p := range f.pieces {
		switch p.field {
		case "":
			dst = append(dst, p.literal...)
		case asctime:
			dst = p.spec.append(dst, f.dates.text(r.Time))
		default:
			dst = p.spec.append(dst, p.value(r))
		}
	}
	return dst
}

// UsesSource tells whether the format shows where in the source a line comes from.
func (f Format) UsesSource() bool {
	for _, p := range f.pieces {
		switch p.field {
		case "pathname", "filename", "module", "lineno", "funcName":
			return true
		}
	}
	return false
}

// Prefix is the literal text that each line begins with.
func (f Format) Prefix() string {
	if len(f.pieces) == 0 {
		return ""
	}
	return f.pieces[0].literal
}

func (r *reader) readFormatters() {
	for _, s := range r.named("formatter") {
		format, line := r.raw(s, "format")
		dates, _ := r.raw(s, "datefmt")
		style, _ := r.raw(s, "style")
		f, problems := ParseFormat(format, dates, style)
		for _, p := range problems {
			r.warn(line, "[%s] %s", s.Name, p)
		}
		if class, line := r.text(s, "class"); class != "" && class != "logging.Formatter" {
			r.warn(line, "[%s] class: %q has no counterpart here; logging.Formatter is assumed", s.Name, class)
		}
		if _, line := r.raw(s, "defaults"); r.option(s, "defaults") != nil {
			r.warn(line, "[%s] defaults have no counterpart here", s.Name)
		}
		r.formats[strings.TrimPrefix(s.Name, "formatter_")] = f
	}
}

// formatOf is the format of a handler; without one it prints the message.
func (r *reader) formatOf(s *ini.Section) Format {
	name, line := r.text(s, "formatter")
	f, ok := r.formats[name]
	if !ok && name != "" {
		r.warn(line, "[%s] formatter: %q is not among the keys of [formatters]; the message alone is printed", s.Name, name)
	}
	return f
}
