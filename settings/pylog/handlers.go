package pylog

import (
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"tabcell/settings/ini"
)

// class is a handler's class: the names of its constructor's parameters in their order, and what becomes of their values.
type class struct {
	params []string
	build  func(h *Handler, b *call)
}

// classes are the classes that exist here, named as from Python's logging package.
var classes = map[string]class{
	"NullHandler":                 {[]string{"level"}, func(*Handler, *call) {}},
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
	for _, s := range r.named("handler") {
		name := strings.TrimPrefix(s.Name, "handler_")
		class, line := r.text(s, "class")
		known, ok := classes[strings.TrimPrefix(class, "logging.")]
		if !ok {
			r.warn(line, "[%s] class: %q has no counterpart here, the handler is left out; there are %s", s.Name, class, classNames())
			continue
		}
		h := Handler{Name: name, Level: r.level(s), Format: r.formatOf(s), Line: s.Line}
		b, line, err := r.call(s, known.params)
		if err == nil {
			known.build(&h, b)
			err = errors.Join(b.errs...)
		}
		if err != nil {
			r.warn(line, "[%s] args: %s; the handler is left out", s.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		for _, note := range b.notes {
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

// call binds args and kwargs to the parameters of a class. The line is that of args, or the section's.
func (r *reader) call(s *ini.Section, params []string) (*call, int, error) {
	args, line := r.text(s, "args")
	kwargs, kwLine := r.text(s, "kwargs")
	if args == "" && r.option(s, "args") == nil {
		args, line = "()", kwLine
	}
	if kwargs == "" && r.option(s, "kwargs") == nil {
		kwargs = "{}"
	}
	positional, err := parseLiteral(args)
	if err != nil {
		return nil, line, err
	}
	named, err := parseLiteral(kwargs)
	if err != nil {
		return nil, kwLine, fmt.Errorf("kwargs: %w", err)
	}
	b, err := bind(params, positional, named)
	return b, line, err
}

// call is a constructor's call: what was given for each parameter.
type call struct {
	given map[string]any
	errs  []error
	notes []string // what of it has no effect
}

func bind(params []string, positional, named any) (*call, error) {
	b := &call{given: map[string]any{}}
	values, ok := positional.(tuple)
	if !ok {
		return nil, fmt.Errorf("it is no tuple: a single value needs a comma behind it, as in ('tabpy.log',)")
	}
	if len(values) > len(params) {
		return nil, fmt.Errorf("%d values, but the class takes at most %d: %s", len(values), len(params), strings.Join(params, ", "))
	}
	for i, v := range values {
		b.given[params[i]] = v
	}
	more, ok := named.(dict)
	if !ok {
		return nil, errors.New("kwargs is no dict, such as {'filename': 'tabpy.log'}")
	}
	for name, v := range more {
		if _, twice := b.given[name]; twice || !slices.Contains(params, name) {
			return nil, fmt.Errorf("kwargs: %q is given in args too, or the class does not take it; it takes %s", name, strings.Join(params, ", "))
		}
		b.given[name] = v
	}
	return b, nil
}

func (b *call) fail(name, want string) {
	b.errs = append(b.errs, fmt.Errorf("%s must be %s", name, want))
}

func (b *call) text(name, otherwise string) string {
	switch v := b.given[name].(type) {
	case string:
		return v
	case nil:
	default:
		b.fail(name, "a text")
	}
	return otherwise
}

// number takes a float as well, as comparisons in Python do.
func (b *call) number(name string, otherwise int64) int64 {
	switch v := b.given[name].(type) {
	case int64:
		return v
	case bool:
		return map[bool]int64{true: 1}[v]
	case float64:
		if math.Abs(v) < 1<<53 {
			return int64(v)
		}
		b.fail(name, "a smaller number")
	case nil:
	default:
		b.fail(name, "a number")
	}
	return otherwise
}

func (b *call) truth(name string) bool { return b.given[name] == true || b.given[name] == int64(1) }

func buildStream(h *Handler, b *call) {
	h.Kind = StreamHandler
	switch b.given["stream"] {
	case nil, stderr:
	case stdout:
		h.Stdout = true
	default:
		b.fail("stream", "sys.stdout or sys.stderr")
	}
}

func buildFile(kind Kind) func(*Handler, *call) {
	return func(h *Handler, b *call) {
		h.Kind = kind
		if h.File.Path = b.text("filename", ""); h.File.Path == "" || strings.ContainsRune(h.File.Path, 0) {
			b.fail("filename", "the path of a file")
		}
		switch mode := b.text("mode", "a"); strings.Trim(mode, "t+") {
		case "a":
		case "w":
			h.File.Truncate = true
		case "x":
			h.File.Exclusive = true
		default:
			b.fail("mode", "'a', 'w' or 'x'")
		}
		encoding := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(b.text("encoding", "")))
		if !slices.Contains([]string{"", "utf8", "ascii", "locale"}, encoding) {
			b.notes = append(b.notes, fmt.Sprintf("encoding %q has no counterpart here: the file is written in UTF-8", b.given["encoding"]))
		}
	}
}

func buildRotating(h *Handler, b *call) {
	buildFile(RotatingFileHandler)(h, b)
	h.File.MaxBytes, h.File.Backups = max(0, b.number("maxBytes", 0)), b.backups()
	if h.File.MaxBytes > 0 {
		h.File.Truncate, h.File.Exclusive = false, false // as in Python: the lines of the run before would be lost
	}
}

// maxBackups bounds a chain that is renamed link by link.
const maxBackups = 10_000

func (b *call) backups() int { return int(min(max(0, b.number("backupCount", 0)), maxBackups)) }

// maxInterval is a hundred years; a time.Duration holds less than three of it.
const maxInterval = 100 * 365 * 24 * time.Hour

func buildTimed(h *Handler, b *call) {
	buildFile(TimedRotatingFileHandler)(h, b)
	when := strings.ToUpper(b.text("when", "h"))
	switch when {
	case "S", "M", "H", "D", "MIDNIGHT", "W0", "W1", "W2", "W3", "W4", "W5", "W6":
	default:
		b.fail("when", "one of 'S', 'M', 'H', 'D', 'midnight', 'W0' to 'W6'")
	}
	interval := b.number("interval", 1)
	if interval < 1 || interval > 1_000_000 {
		b.fail("interval", "from 1 to 1000000")
	} else if when != "" && time.Duration(interval) > maxInterval/When(when).Span() {
		b.fail("interval", "less than a hundred years")
	}
	if b.given["atTime"] != nil {
		b.fail("atTime", "None: there is no counterpart")
	}
	h.File.When, h.File.Interval, h.File.UTC, h.File.Backups = When(when), int(interval), b.truth("utc"), b.backups()
}

func buildSyslog(h *Handler, b *call) {
	h.Kind = SysLogHandler
	stream := b.given["socktype"] == int64(sockStream)
	if s := b.given["socktype"]; s != nil && !stream && s != int64(sockDgram) {
		b.fail("socktype", "socket.SOCK_DGRAM or socket.SOCK_STREAM")
	}
	h.Syslog = Syslog{Facility: b.facility()}
	switch address := b.given["address"].(type) {
	case nil:
		h.Syslog.Network, h.Syslog.Address = "udp", "localhost:514"
	case string:
		h.Syslog.Address = address
		if b.given["socktype"] != nil {
			h.Syslog.Network = "unixgram"
		}
	case tuple:
		h.Syslog.Network, h.Syslog.Address = "udp", b.hostPort(address)
	default:
		b.fail("address", "a path such as '/dev/log', or ('localhost', 514)")
	}
	if stream {
		h.Syslog.Network = map[string]string{"udp": "tcp"}[h.Syslog.Network]
		if h.Syslog.Network == "" {
			h.Syslog.Network = "unix"
		}
	}
}

func (b *call) hostPort(address tuple) string {
	if len(address) == 2 {
		host, isHost := address[0].(string)
		port, isPort := address[1].(int64)
		if text, ok := address[1].(string); ok { // getaddrinfo takes both
			n, err := strconv.ParseUint(text, 10, 16)
			port, isPort = int64(n), err == nil
		}
		if isHost && isPort && port > 0 && port < 1<<16 {
			return net.JoinHostPort(host, strconv.FormatInt(port, 10))
		}
	}
	b.fail("address", "a host and a port, such as ('localhost', 514)")
	return ""
}

func (b *call) facility() int {
	n := int64(1) // LOG_USER
	switch v := b.given["facility"].(type) {
	case nil:
	case int64:
		n = v
	case string:
		code, ok := facilities[strings.ToLower(v)]
		if !ok {
			code = -1
		}
		n = int64(code)
	default:
		n = -1
	}
	if n < 0 || n > 23 {
		b.fail("facility", "a name such as 'user' or 'local0', or a constant such as handlers.SysLogHandler.LOG_USER")
	}
	return int(n)
}
