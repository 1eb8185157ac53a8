package pylog

import (
	"errors"
	"slices"
	"strings"
)

// class is a supported class of handlers.
type class struct {
	params []string // of its constructor, in order
	build  func(h *Handler, a *arguments)
}

// classes has the supported classes by their names relative to Python's package logging.
var classes = map[string]class{
	"NullHandler":                 {[]string{"level"}, func(*Handler, *arguments) {}},
	"StreamHandler":               {[]string{"stream"}, buildStream},
	"FileHandler":                 {[]string{"filename", "mode", "encoding", "delay", "errors"}, buildFile(FileHandler)},
	"handlers.WatchedFileHandler": {[]string{"filename", "mode", "encoding", "delay", "errors"}, buildFile(WatchedFileHandler)},
	"handlers.RotatingFileHandler": {
		[]string{"filename", "mode", "maxBytes", "backupCount", "encoding", "delay", "errors"}, buildRotating,
	},
	"handlers.TimedRotatingFileHandler": {
		[]string{"filename", "when", "interval", "backupCount", "encoding", "delay", "utc", "atTime", "errors"}, buildTimed,
	},
	"handlers.SysLogHandler": {[]string{"address", "facility", "socktype", "timeout"}, buildSyslog},
}

func (r *reader) readHandlers() {
	for _, s := range r.listedSections("handler") {
		name := strings.TrimPrefix(s.Name, "handler_")
		class, line := r.text(s, "class")
		known, ok := classes[strings.TrimPrefix(class, "logging.")]
		if !ok {
			r.warn(line, "[%s] class: %q is not supported, so the handler is ignored; the supported classes are %s", s.Name, class, classNames())
			continue
		}
		h := Handler{Name: name, Level: r.level(s), Format: r.handlerFormat(s), Line: s.Line}
		args, line, err := r.arguments(s, known.params)
		if err == nil {
			known.build(&h, args)
			err = errors.Join(args.errs...)
		}
		if err != nil {
			r.warn(line, "[%s] args: %s; the handler is ignored", s.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		for _, note := range args.notes {
			r.warn(line, "[%s] %s", s.Name, note)
		}
		h.Line = line
		r.log.Handlers = append(r.log.Handlers, h)
	}
}

func classNames() string {
	var names []string
	for name := range classes {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func buildStream(h *Handler, a *arguments) {
	h.Kind = StreamHandler
	switch a.given["stream"] {
	case nil, stderr:
	case stdout:
		h.Stdout = true
	default:
		a.fail("stream", "sys.stdout or sys.stderr")
	}
}
