package pylog

import (
	"slices"
	"strings"

	"tabcell/settings/ini"
	"tabcell/settings/internal/python"
)

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
			r.warn(line, "[%s] has no qualname, and no effect", s.Name)
			continue
		}
		l.Propagate = r.propagates(s)
		r.log.Loggers = append(r.log.Loggers, l)
	}
	if !found {
		r.warn(r.file.Section("loggers").Line, "[loggers] keys: root is missing, or has no section")
		r.missingHandler = true
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

// loggerHandlers are the handlers of a logger that exist.
func (r *reader) loggerHandlers(s *ini.Section) []string {
	var names []string
	for _, name := range r.list(s, "handlers") {
		switch {
		case slices.Contains(names, name): // Python adds it once
		case slices.ContainsFunc(r.log.Handlers, func(h Handler) bool { return h.Name == name }):
			names = append(names, name)
		case r.file.Section("handler_"+name) == nil || !slices.Contains(r.list(r.file.Section("handlers"), "keys"), name):
			_, line := r.rawText(s, "handlers")
			r.warn(line, "[%s] handlers: %q is not among the keys of [handlers]", s.Name, name)
			r.missingHandler = true
		default:
			r.missingHandler = true // why was said where it is described
		}
	}
	return names
}
