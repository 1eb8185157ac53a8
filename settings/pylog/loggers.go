package pylog

import (
	"slices"
	"strings"

	"tabcell/settings/ini"
	"tabcell/settings/internal/python"
)

// levels has the names of levels that Python accepts.
var levels = map[string]int{
	"NOTSET": 0, "DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "CRITICAL": 50, "FATAL": 50,
}

func (r *reader) level(s *ini.Section) int {
	text, line := r.text(s, "level")
	level, ok := levels[strings.ToUpper(text)]
	if !ok && r.option(s, "level") != nil {
		r.warn(line, "[%s] level: %q is not one of NOTSET, DEBUG, INFO, WARNING, ERROR, CRITICAL; every level is logged", s.Name, text)
	}
	return level
}

func (r *reader) readLoggers() {
	r.log.Root.Propagate = true
	found := false
	for _, s := range r.listedSections("logger") {
		l := Logger{Level: r.level(s), Handlers: r.loggerHandlers(s), Propagate: true, Line: s.Line}
		if s.Name == "logger_root" {
			if r.log.Root, found = l, true; r.option(s, "level") == nil {
				r.log.Root.Level = levels["WARNING"]
			}
			continue
		}
		var line int
		if l.Name, line = r.text(s, "qualname"); l.Name == "" {
			r.warn(line, "[%s] has no effect, because it has no qualname", s.Name)
			continue
		}
		l.Propagate = r.propagates(s)
		r.log.Loggers = append(r.log.Loggers, l)
	}
	if !found {
		r.warn(r.file.Section("loggers").Line, "[loggers] keys: root is missing or has no section")
		r.missingHandler = true
	}
}

// propagates reports whether a logger passes records to its parent. Python converts the option with
// int(), and defaults to 1.
func (r *reader) propagates(s *ini.Section) bool {
	text, line := r.text(s, "propagate")
	if !python.IsInteger(text) && r.option(s, "propagate") != nil {
		r.warn(line, "[%s] propagate: %q is not an integer; 1 is used", s.Name, text)
		return true
	}
	return strings.Trim(text, "+-0_") != "" || text == ""
}

// loggerHandlers returns the names of a logger's handlers, without the missing and unsupported
// ones.
func (r *reader) loggerHandlers(s *ini.Section) []string {
	var names []string
	for _, name := range r.list(s, "handlers") {
		switch {
		case slices.Contains(names, name): // Python adds it only once
		case slices.ContainsFunc(r.log.Handlers, func(h Handler) bool { return h.Name == name }):
			names = append(names, name)
		case r.file.Section("handler_"+name) == nil || !slices.Contains(r.list(r.file.Section("handlers"), "keys"), name):
			_, line := r.rawText(s, "handlers")
			r.warn(line, "[%s] handlers: %q is not among the keys of [handlers]", s.Name, name)
			r.missingHandler = true
		default:
			r.missingHandler = true // readHandlers has given the reason
		}
	}
	return names
}
