package pylog

import (
	"strings"

	"tabcell/settings/ini"
)

func (r *reader) readFormatters() {
	for _, s := range r.listedSections("formatter") {
		format, line := r.rawText(s, "format")
		dates, _ := r.rawText(s, "datefmt")
		style, _ := r.rawText(s, "style")
		f, problems := ParseFormat(format, dates, style)
		for _, p := range problems {
			r.warn(line, "[%s] %s", s.Name, p)
		}
		if class, line := r.text(s, "class"); class != "" && class != "logging.Formatter" {
			r.warn(line, "[%s] class: %q has no counterpart here; logging.Formatter is assumed", s.Name, class)
		}
		if _, line := r.rawText(s, "defaults"); r.option(s, "defaults") != nil {
			r.warn(line, "[%s] defaults have no counterpart here", s.Name)
		}
		r.formats[strings.TrimPrefix(s.Name, "formatter_")] = f
	}
}

// handlerFormat is the format of a handler; without one it prints the message.
func (r *reader) handlerFormat(s *ini.Section) Format {
	name, line := r.text(s, "formatter")
	f, ok := r.formats[name]
	if !ok && name != "" {
		r.warn(line, "[%s] formatter: %q is not among the keys of [formatters]; the message alone is printed", s.Name, name)
	}
	return f
}
