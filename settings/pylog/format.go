package pylog

import (
	"cmp"
	"fmt"
)

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

// asctime is the field that needs the format of dates besides.
const asctime = "asctime"

// ParseFormat reads a formatter's three options; empty ones mean Python's defaults. A part that is not understood is printed as it
// stands; the problems say which and why.
func ParseFormat(format, dates, style string) (Format, []string) {
	c := &formatParser{}
	if len(format) > maxLiteral || len(dates) > maxLiteral {
		c.problem("the format is longer than %d bytes; the message alone is printed", maxLiteral)
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
		c.problem("style %q is none of %%, {, $; %% is assumed", style)
		c.percent(cmp.Or(format, "%(message)s"))
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

// formatParser turns a format into pieces.
type formatParser struct {
	pieces   []piece
	problems []string
	fields   int
}

// problem remembers the first ten.
func (c *formatParser) problem(format string, args ...any) {
	if len(c.problems) < 10 {
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

// field adds a field as it was written; one that cannot be shown so becomes literal text.
func (c *formatParser) field(written, name string, spec formatSpec) {
	why := ""
	switch value := recordFields[name]; {
	case name == asctime:
		why = spec.mismatch("")
	case value == nil:
		why = "is no field of a log line"
	default:
		why = spec.mismatch(value(&Record{}))
	}
	if why != "" {
		c.keepAsText(written, why)
		return
	}
	c.pieces = append(c.pieces, piece{field: name, value: recordFields[name], spec: spec})
	c.fields++
}

func (c *formatParser) keepAsText(written, why string) {
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
