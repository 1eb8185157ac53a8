package pylog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tabcell/settings/ini"
)

// reader reads the logger sections of one file.
type reader struct {
	file           *ini.File
	log            Config
	formats        map[string]Format
	missingHandler bool // a handler that was asked for does not exist
	warnings       []Warning
}

// Read is the logging that a file asks for, and what of it cannot be had. It is nil where the file has no section [loggers], or where
// nothing would be written anywhere because the root's handlers have no counterpart.
func Read(file *ini.File) (*Config, []Warning) {
	r := &reader{file: file, formats: map[string]Format{}}
	if file.Section("loggers") == nil {
		r.checkUnused("there is no section [loggers]")
		return nil, r.warnings
	}
	r.readFormatters()
	r.readHandlers()
	r.readLoggers()
	r.checkUnused("")
	if r.missingHandler && len(r.log.Root.Handlers) == 0 {
		r.warn(file.Section("loggers").Line, "no handler of the root logger can be had: the log is written as if there were no logger sections")
		return nil, r.warnings
	}
	return &r.log, r.warnings
}

func (r *reader) warn(line int, format string, args ...any) {
	p := Warning{Line: line, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.warnings, p) { // some options are looked at more than once
		r.warnings = append(r.warnings, p)
	}
}

// option is a section's option, or the one of DEFAULT that stands in for it; nil if there is neither.
func (r *reader) option(s *ini.Section, name string) *ini.Option {
	if o := s.Option(name); o != nil {
		return o
	}
	return r.file.Section(ini.Default).Option(name)
}

// raw is an option's text as it is written, and its line; the section's line where it has no such option.
func (r *reader) rawText(s *ini.Section, name string) (text string, line int) {
	if o := r.option(s, name); o != nil {
		return o.Value, o.Line
	}
	return "", s.Line
}

// text is an option's text with %(NAME)s replaced.
func (r *reader) text(s *ini.Section, name string) (text string, line int) {
	o := r.option(s, name)
	if o == nil {
		return "", s.Line
	}
	text, err := r.file.Interpolate(s, o)
	if bad := new(ini.Error); errors.As(err, &bad) {
		r.warn(o.Line, "[%s] %s", s.Name, bad.Text)
	}
	return text, o.Line
}

// list is an option's text as names with commas between them. It may be asked of a nil section.
func (r *reader) list(s *ini.Section, name string) []string {
	if s == nil {
		return nil
	}
	text, _ := r.text(s, name)
	if text == "" {
		return nil
	}
	names := strings.Split(text, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// named are the sections kind_NAME for the names in [kinds] keys.
func (r *reader) listedSections(kind string) []*ini.Section {
	list := r.file.Section(kind + "s")
	if list == nil {
		r.warn(r.file.Section("loggers").Line, "there is no section [%ss]", kind)
		return nil
	}
	if r.option(list, "keys") == nil {
		r.warn(list.Line, "[%s] has no keys", list.Name)
		return nil
	}
	var all []*ini.Section
	for _, name := range r.list(list, "keys") {
		s := r.file.Section(kind + "_" + name)
		switch {
		case s == nil:
			_, line := r.rawText(list, "keys")
			r.warn(line, "[%s] keys: there is no section [%s_%s]", list.Name, kind, name)
		case !slices.Contains(all, s):
			all = append(all, s)
		}
	}
	return all
}
