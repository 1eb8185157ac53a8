package pylog

import (
	"cmp"
	"fmt"
)

// Format is a compiled formatter: a format in one of Python's three styles, and a format of dates.
// The zero value prints only the message.
type Format struct {
	pieces []piece
	dates  dateFormat
}

// piece is literal text or a field.
type piece struct {
	literal string
	field   string            // "" for literal text
	value   func(*Record) any // nil for literal text and for asctime
	spec    formatSpec        // of the field
}

// asctime is the field that is printed with the format of dates.
const asctime = "asctime"

// ParseFormat compiles the options format, datefmt and style of a formatter. An empty option has
// Python's default. An invalid part is printed unchanged; the returned problems describe it.
func ParseFormat(format, dates, style string) (Format, []string) {
	c := &formatParser{}
	if len(format) > maxLiteral || len(dates) > maxLiteral {
		c.problem("the format is longer than %d bytes; only the message is printed", maxLiteral)
		return Format{}, c.problems
	}
	switch style {
	case "", "%":
		c.percent(cmp.Or(format, "%(message)s"))
	case "{":
		c.braces(cmp.Or(format, "{message}"))
	case "$":
		c.dollars(cmp.Or(format, "${message}"))
	default:
		c.problem("style %q is not one of %%, {, $; %% is used", style)
		c.percent(cmp.Or(format, "%(message)s"))
	}
	if c.fields == 0 && len(c.problems) == 0 {
		c.problem("the format has no field, so all lines are equal")
	}
	f := Format{pieces: c.pieces}
	f.dates, dates = parseDateFormat(dates)
	if dates != "" {
		c.problem("datefmt: %s is not a directive of strftime; it is printed unchanged", dates)
	}
	return f, c.problems
}

// formatParser splits a format into pieces.
type formatParser struct {
	pieces   []piece
	problems []string
	fields   int
}

// maxProblems is the number of problems that are reported for one format.
const maxProblems = 10

func (c *formatParser) problem(format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

func (c *formatParser) literal(text string) {
	if n := len(c.pieces); n > 0 && c.pieces[n-1].field == "" {
		c.pieces[n-1].literal += text
	} else if text != "" {
		c.pieces = append(c.pieces, piece{literal: text})
	}
}

// field adds a field. If it does not exist or does not fit spec, it is printed as it is written.
func (c *formatParser) field(written, name string, spec formatSpec) {
	problem := ""
	switch value := recordFields[name]; {
	case name == asctime:
		problem = spec.mismatch("")
	case value == nil:
		problem = "is not an attribute of a log record"
	default:
		problem = spec.mismatch(value(&Record{}))
	}
	if problem != "" {
		c.keepAsText(written, problem)
		return
	}
	c.pieces = append(c.pieces, piece{field: name, value: recordFields[name], spec: spec})
	c.fields++
}

func (c *formatParser) keepAsText(written, problem string) {
	c.problem("%s %s; it is printed unchanged", written, problem)
	c.literal(written)
}

// Append appends the formatted record to dst, without a line feed.
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

// UsesSource reports whether the format has a field about the place in the source.
func (f Format) UsesSource() bool {
	for _, p := range f.pieces {
		switch p.field {
		case "pathname", "filename", "module", "lineno", "funcName":
			return true
		}
	}
	return false
}

// Prefix returns the literal text at the beginning of each line.
func (f Format) Prefix() string {
	if len(f.pieces) == 0 {
		return ""
	}
	return f.pieces[0].literal
}
