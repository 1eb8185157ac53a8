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
			r.warn(line, "[%s] class: %q is not supported; logging.Formatter is used", s.Name, class)
		}
		if _, line := r.rawText(s, "defaults"); r.option(s, "defaults") != nil {
			r.warn(line, "[%s] defaults are not supported", s.Name)
		}
		r.formats[strings.TrimPrefix(s.Name, "formatter_")] = f
	}
}

// handlerFormat returns the format of a handler. The default prints only the message.
func (r *reader) handlerFormat(s *ini.Section) Format {
	name, line := r.text(s, "formatter")
	f, ok := r.formats[name]
	if !ok && name != "" {
		r.warn(line, "[%s] formatter: %q is not among the keys of [formatters]; only the message is printed", s.Name, name)
	}
	return f
}
