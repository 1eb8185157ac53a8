package pylog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tabcell/settings/ini"
	"tabcell/settings/internal/python"
)

// reader reads the logger sections of one file.
type reader struct {
	file     *ini.File
	log      Config
	formats  map[string]Format
	lost     bool // a handler that was asked for does not exist
	warnings []Warning
}

// Read is the logging that a file asks for, and what of it cannot be had. It is nil where the file has no section [loggers], or where
// nothing would be written anywhere because the root's handlers have no counterpart.
func Read(file *ini.File) (*Config, []Warning) {
	r := &reader{file: file, formats: map[string]Format{}}
	if file.Section("loggers") == nil {
		r.checkStrays("there is no section [loggers]")
		return nil, r.warnings
	}
	r.readFormatters()
	r.readHandlers()
	r.readLoggers()
	r.checkStrays("")
	if r.lost && len(r.log.Root.Handlers) == 0 {
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
func (r *reader) raw(s *ini.Section, name string) (text string, line int) {
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
func (r *reader) named(kind string) []*ini.Section {
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
			_, line := r.raw(list, "keys")
			r.warn(line, "[%s] keys: there is no section [%s_%s]", list.Name, kind, name)
		case !slices.Contains(all, s):
			all = append(all, s)
		}
	}
	return all
}

var levels = map[string]int{
	"NOTSET": 0, "DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "CRITICAL": 50, "FATAL": 50,
}

func (r *reader) level(s *ini.Section) int {
	text, line := r.text(s, "level")
	level, ok := levels[strings.ToUpper(text)]
	if !ok && r.option(s, "level") != nil {
		r.warn(line, "[%s] level: %q is none of NOTSET, DEBUG, INFO, WARNING, ERROR, CRITICAL; everything is let through", s.Name, text)
	}
	return level
}

func (r *reader) readLoggers() {
	r.log.Root.Propagate = true
	found := false
	for _, s := range r.named("logger") {
		l := Logger{Level: r.level(s), Handlers: r.handlersOf(s), Propagate: true, Line: s.Line}
		if s.Name == "logger_root" {
			if r.log.Root, found = l, true; r.option(s, "level") == nil {
				r.log.Root.Level = levels["WARNING"]
			}
			continue
		}
		var line int
		if l.Name, line = r.text(s, "qualname"); l.Name == "" {
			r.warn(line, "[%s] has no qualname, and no effect", s.Name)
			continue
		}
		l.Propagate = r.propagates(s)
		r.log.Loggers = append(r.log.Loggers, l)
	}
	if !found {
		r.warn(r.file.Section("loggers").Line, "[loggers] keys: root is missing, or has no section")
		r.lost = true
	}
}

func (r *reader) propagates(s *ini.Section) bool {
	text, line := r.text(s, "propagate")
	if !python.IsInteger(text) && r.option(s, "propagate") != nil {
		r.warn(line, "[%s] propagate: %q is no number; 1 is assumed", s.Name, text)
		return true
	}
	return strings.Trim(text, "+-0_") != "" || text == ""
}

// handlersOf are the handlers of a logger that exist.
func (r *reader) handlersOf(s *ini.Section) []string {
	var names []string
	for _, name := range r.list(s, "handlers") {
		switch {
		case slices.Contains(names, name): // Python adds it once
		case slices.ContainsFunc(r.log.Handlers, func(h Handler) bool { return h.Name == name }):
			names = append(names, name)
		case r.file.Section("handler_"+name) == nil || !slices.Contains(r.list(r.file.Section("handlers"), "keys"), name):
			_, line := r.raw(s, "handlers")
			r.warn(line, "[%s] handlers: %q is not among the keys of [handlers]", s.Name, name)
			r.lost = true
		default:
			r.lost = true // why was said where it is described
		}
	}
	return names
}

// sectionOptions are what each kind of section may say. "propagete" stands in the file that TabPy ships.
var sectionOptions = map[string][]string{
	"logger":    {"level", "handlers", "qualname", "propagate", "propagete"},
	"handler":   {"class", "level", "formatter", "args", "kwargs"},
	"formatter": {"format", "datefmt", "style", "class", "defaults"},
}

// checkStrays warns of sections that nobody names, and of options that nobody reads. Without [loggers], why tells so.
func (r *reader) checkStrays(why string) {
	for _, s := range r.file.Sections {
		kind, name, named := strings.Cut(s.Name, "_")
		known := sectionOptions[kind]
		switch {
		case !IsSection(s.Name):
		case why != "":
			r.warn(s.Line, "[%s] and the other logger sections have no effect: %s", s.Name, why)
			return
		case named && !slices.Contains(r.list(r.file.Section(kind+"s"), "keys"), name):
			r.warn(s.Line, "[%s] has no effect: it is not among the keys of [%ss]", s.Name, kind)
		case named:
			r.checkNames(s, known)
		}
	}
}

func (r *reader) checkNames(s *ini.Section, known []string) {
	for _, o := range s.Options {
		if !slices.Contains(known, o.Name) {
			r.warn(o.Line, "[%s] %s has no effect: such a section can say %s", s.Name, o.Name, strings.Join(known[:4], ", "))
		}
	}
}

// IsSection reports whether a section belongs to Python's logging configuration.
func IsSection(section string) bool {
	kind, _, named := strings.Cut(section, "_")
	if !named {
		kind = strings.TrimSuffix(kind, "s")
	}
	return sectionOptions[kind] != nil
}
