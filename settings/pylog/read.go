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
	missingHandler bool // a logger refers to a handler that is missing or unsupported
	warnings       []Warning
}

// Read returns the logging configuration of a file, and warnings about its unsupported parts. The
// configuration is nil if the file has no section [loggers], or if nothing would be logged because
// no handler of the root logger is supported.
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
		r.warn(file.Section("loggers").Line, "the root logger has no usable handler, so the logger sections have no effect")
		return nil, r.warnings
	}
	r.log.Text = textOf(file)
	return &r.log, r.warnings
}

// textOf returns the options of the logger sections, and those that all sections share.
func textOf(file *ini.File) string {
	var b strings.Builder
	for _, s := range file.Sections {
		if !IsSection(s.Name) && s.Name != ini.Default {
			continue
		}
		for _, o := range s.Options {
			fmt.Fprintf(&b, "%q %q %q\n", s.Name, o.Name, o.Value)
		}
	}
	return b.String()
}

func (r *reader) warn(line int, format string, args ...any) {
	w := Warning{Line: line, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.warnings, w) { // some options are read more than once
		r.warnings = append(r.warnings, w)
	}
}

// option returns the option of the section, or else that of DEFAULT. It returns nil if neither
// exists.
func (r *reader) option(s *ini.Section, name string) *ini.Option {
	if o := s.Option(name); o != nil {
		return o
	}
	return r.file.Section(ini.Default).Option(name)
}

// rawText returns an option's text before interpolation, and its line. If there is no such option,
// it returns "" and the line of the section.
func (r *reader) rawText(s *ini.Section, name string) (text string, line int) {
	if o := r.option(s, name); o != nil {
		return o.Value, o.Line
	}
	return "", s.Line
}

// text is like rawText, but interpolates %(NAME)s.
func (r *reader) text(s *ini.Section, name string) (text string, line int) {
	o := r.option(s, name)
	if o == nil {
		return "", s.Line
	}
	text, err := r.file.Interpolate(s, o)
	if invalid := new(ini.Error); errors.As(err, &invalid) {
		r.warn(o.Line, "[%s] %s", s.Name, invalid.Text)
	}
	return text, o.Line
}

// list returns the names in a comma-separated option. It returns nil if s is nil.
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

// listedSections returns the sections [kind_NAME] for the names that the option keys of the section
// [kinds] lists.
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
