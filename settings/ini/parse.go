package ini

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Dialect says which of configparser's switches are on. The zero value is ConfigParser(interpolation=None).
type Dialect struct {
	// CaseSensitive keeps option names as they are written; otherwise they are put in lower case.
	CaseSensitive bool
	// AllowBare permits options without = or : (allow_no_value).
	AllowBare bool
	// Interpolated names the sections whose values are interpolated. Others keep their text, as Python's logging
	// configuration needs it: its formats contain %(message)s.
	Interpolated []string
	// Lookup finds an environment variable by its name in lower case; nil finds none.
	Lookup func(name string) (string, bool)
}

// maxErrors ends the reading of something that is no configuration at all.
const maxErrors = 20

// reader is the state between two lines.
type reader struct {
	dialect Dialect
	file    *File
	section *Section // nil before the first header
	option  *Option  // the option that a continuation would belong to, or nil
	indent  int      // of the last header or option line, characters
	line    int
	errors  Errors
}

// Parse reads a whole file. A byte order mark is skipped and \r and \r\n end lines too. On failure the error is of type Errors.
//
// GAP: TabPy refuses a byte order mark; editors on Windows write one.
func (d Dialect) Parse(text []byte) (*File, error) {
	r := &reader{dialect: d, file: &File{dialect: d, byName: map[string]*Section{}}}
	body := strings.TrimPrefix(string(text), "\ufeff")
	body = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(body)
	for _, line := range strings.Split(body, "\n") {
		r.line++
		r.read(line)
		if len(r.errors) >= maxErrors {
			break
		}
	}
	if len(r.errors) > 0 {
		return nil, r.errors
	}
	r.finish()
	return r.file, nil
}

func (r *reader) fail(format string, args ...any) {
	r.errors = append(r.errors, &Error{r.line, fmt.Sprintf(format, args...)})
}

func (r *reader) read(line string) {
	if !utf8.ValidString(line) {
		r.fail("not UTF-8 text")
		return
	}
	clean := strings.TrimFunc(line, isSpace)
	switch indent := indentOf(line); {
	case clean == "":
		r.extend("")
	case clean[0] == '#' || clean[0] == ';':
	case r.option != nil && indent > r.indent:
		r.extend(clean)
	default:
		r.indent = indent
		r.headerOrOption(clean)
	}
}

// extend adds a continuation line; an empty line is kept too, and cut off in finish when nothing follows.
func (r *reader) extend(clean string) {
	switch {
	case r.option == nil:
	case !r.option.Bare:
		r.option.lines = append(r.option.lines, clean)
	case clean != "":
		r.fail("a continuation of option %s, which has no value", r.option.Name)
	}
}

func (r *reader) headerOrOption(clean string) {
	// The name reaches to the last bracket of the line, and what follows it is not looked at: so does configparser.
	if end := strings.LastIndexByte(clean, ']'); clean[0] == '[' && end > 1 {
		r.header(clean[1:end])
		return
	}
	if r.section == nil {
		r.fail("File contains no section headers before this line%s", named(clean))
		return
	}
	r.assignment(clean)
}

func (r *reader) header(name string) {
	r.option = nil
	known := r.file.Section(name)
	switch {
	case known == nil:
		r.section = &Section{Name: name, Line: r.line, byName: map[string]*Option{}}
		r.file.Sections = append(r.file.Sections, r.section)
		r.file.byName[name] = r.section
	case name == Default:
		r.section = known
	default:
		r.section = known // so that its options are checked as well
		r.fail("section %s already exists, in line %d", shorten(name), known.Line)
	}
}

func (r *reader) assignment(clean string) {
	name, value, ok := cutAny(clean, "=:")
	if !ok && !r.dialect.AllowBare {
		r.fail("neither a [section], nor an option with = or a colon")
		return
	}
	name = r.dialect.fold(strings.TrimRightFunc(name, isSpace))
	first := r.section.Option(name)
	switch {
	case name == "":
		r.fail("an option without a name before the = or the colon")
		return
	case first != nil:
		r.fail("option %s in section %s already exists, in line %d", shorten(name), shorten(r.section.Name), first.Line)
		return
	}
	r.option = &Option{Name: name, Line: r.line, Bare: !ok, lines: []string{strings.TrimLeftFunc(value, isSpace)}}
	r.section.Options = append(r.section.Options, r.option)
	r.section.byName[name] = r.option
}

// named is the name of the option in that line, for a message: never its value, which may be a secret.
func named(clean string) string {
	name, _, ok := cutAny(clean, "=:")
	if !ok {
		return ""
	}
	return ": option " + shorten(strings.TrimRightFunc(name, isSpace))
}

// finish joins the lines of each value, without the empty ones behind it.
func (r *reader) finish() {
	for _, s := range r.file.Sections {
		for _, o := range s.Options {
			o.Value = strings.TrimRightFunc(strings.Join(o.lines, "\n"), isSpace)
			o.lines = nil
		}
	}
}

func (d Dialect) fold(name string) string {
	if d.CaseSensitive {
		return name
	}
	return strings.ToLower(name)
}

func cutAny(s, signs string) (before, after string, found bool) {
	if i := strings.IndexAny(s, signs); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// indentOf counts characters, not bytes, as Python does.
func indentOf(line string) int {
	return utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeftFunc(line, isSpace))
}

// isSpace is Python's str.isspace, which counts four more control characters than Go.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// shorten quotes as Python does, and keeps messages readable whatever the file is.
func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	quoted := strconv.Quote(s)
	return "'" + quoted[1:len(quoted)-1] + "'"
}
