package ini

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Dialect has the options of configparser. The zero value is ConfigParser(interpolation=None).
type Dialect struct {
	// CaseSensitive keeps the case of option names; otherwise they are converted to lower case.
	CaseSensitive bool
	// AllowNoValue permits options without = or : (configparser's allow_no_value).
	AllowNoValue bool
	// Interpolated has the names of the sections that Parser interpolates. Python's logging
	// configuration must not be interpolated, because its formats contain %(message)s.
	Interpolated []string
	// Lookup returns an environment variable by its name in lower case. It may be nil.
	Lookup func(name string) (string, bool)
}

// maxErrors is the number of errors after which Parse stops, because the file is of another kind.
const maxErrors = 20

// reader is the state of Parse between two lines.
type reader struct {
	dialect Dialect
	file    *File
	section *Section // nil before the first header
	option  *Option  // the option that a continuation belongs to, or nil
	indent  int      // of the last header or option, in characters
	line    int
	errors  Errors
}

// Parse parses a file. It ignores a byte order mark, and accepts \r and \r\n as ends of lines. The
// error is of type Errors.
//
// GAP: TabPy rejects a byte order mark, which editors on Windows write.
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
		r.fail("the line is not UTF-8 text")
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

// extend adds a continuation line to the option. Empty lines are kept; finish removes them at the
// end of the value.
func (r *reader) extend(clean string) {
	switch {
	case r.option == nil:
	case !r.option.NoValue:
		r.option.lines = append(r.option.lines, clean)
	case clean != "":
		r.fail("a continuation line after option %s, which has no value", r.option.Name)
	}
}

func (r *reader) headerOrOption(clean string) {
	// As in configparser, the name ends at the last bracket of the line, and the rest is ignored.
	if end := strings.LastIndexByte(clean, ']'); clean[0] == '[' && end > 1 {
		r.header(clean[1:end])
		return
	}
	if r.section == nil {
		r.fail("File contains no section headers before this line%s", optionSuffix(clean))
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
		r.section = known // so that its options are checked too
		r.fail("section %s already exists, in line %d", quote(name), known.Line)
	}
}

func (r *reader) assignment(clean string) {
	name, value, ok := cutAny(clean, "=:")
	if !ok && !r.dialect.AllowNoValue {
		r.fail("neither a [section] nor an option with = or :")
		return
	}
	name = r.dialect.optionName(strings.TrimRightFunc(name, isSpace))
	first := r.section.Option(name)
	switch {
	case name == "":
		r.fail("an option must have a name before = or :")
		return
	case first != nil:
		r.fail("option %s in section %s already exists, in line %d", quote(name), quote(r.section.Name), first.Line)
		return
	}
	r.option = &Option{Name: name, Line: r.line, NoValue: !ok, lines: []string{strings.TrimLeftFunc(value, isSpace)}}
	r.section.Options = append(r.section.Options, r.option)
	r.section.byName[name] = r.option
}

// optionSuffix returns the name of the option in the line, for a message. It does not include the
// value, which may be a secret.
func optionSuffix(clean string) string {
	name, _, ok := cutAny(clean, "=:")
	if !ok {
		return ""
	}
	return ": option " + quote(strings.TrimRightFunc(name, isSpace))
}

// finish joins the lines of each value, and removes empty lines at its end.
func (r *reader) finish() {
	for _, s := range r.file.Sections {
		for _, o := range s.Options {
			o.Value = strings.TrimRightFunc(strings.Join(o.lines, "\n"), isSpace)
			o.lines = nil
		}
	}
}

func (d Dialect) optionName(name string) string {
	if d.CaseSensitive {
		return name
	}
	return strings.ToLower(name)
}

// cutAny is strings.Cut for the first of several separators.
func cutAny(s, separators string) (before, after string, found bool) {
	if i := strings.IndexAny(s, separators); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// indentOf returns the indentation in characters, which Python counts, not in bytes.
func indentOf(line string) int {
	return utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeftFunc(line, isSpace))
}

// isSpace is Python's str.isspace, which is true for four more control characters than in Go.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// quote quotes s as Python does, and shortens it if the file has a very long name.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	quoted := strconv.Quote(s)
	return "'" + quoted[1:len(quoted)-1] + "'"
}
