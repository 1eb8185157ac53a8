package pylog

import (
	"fmt"
	"strings"
	"testing"

	"tabcell/settings/ini"
)

// describe returns the configuration as text, with one line per logger and handler.
func describe(l *Config) string {
	if l == nil {
		return "none\n"
	}
	var b strings.Builder
	for _, g := range append([]Logger{l.Root}, l.Loggers...) {
		fmt.Fprintf(&b, "logger %q from %d to %v propagate %v\n", g.Name, g.Level, g.Handlers, g.Propagate)
	}
	for _, h := range l.Handlers {
		fmt.Fprintf(&b, "handler %s kind %d from %d", h.Name, h.Kind, h.Level)
		switch h.Kind {
		case StreamHandler:
			fmt.Fprintf(&b, " stdout %v", h.Stdout)
		case SysLogHandler:
			fmt.Fprintf(&b, " %+v", h.Syslog)
		case FileHandler, WatchedFileHandler, RotatingFileHandler, TimedRotatingFileHandler:
			fmt.Fprintf(&b, " %+v", h.File)
		}
		fmt.Fprintf(&b, " prints %s\n", h.Format.Append(nil, &Record{Level: 20, Message: "M", File: "a/b.go", Line: 7}))
	}
	return b.String()
}

// readText reads the logger sections of a file with that text, and returns the description of the
// result and the warnings.
func readText(t *testing.T, text string) string {
	t.Helper()
	file, err := ini.Dialect{}.Parse([]byte("[TabPy]\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	log, warnings := Read(file)
	result := describe(log)
	for _, w := range warnings {
		result += fmt.Sprintf("line %d: %s\n", w.Line, w.Text)
	}
	return result
}

// tabpySections has the logger sections of the configuration file that comes with TabPy, including
// its misspelling of propagate.
const tabpySections = `[loggers]
keys=root

[handlers]
keys=rootHandler,rotatingFileHandler

[formatters]
keys=rootFormatter

[logger_root]
level=DEBUG
handlers=rootHandler,rotatingFileHandler
qualname=root
propagete=0

[handler_rootHandler]
class=StreamHandler
level=INFO
formatter=rootFormatter
args=(sys.stdout,)

[handler_rotatingFileHandler]
class=handlers.RotatingFileHandler
level=DEBUG
formatter=rootFormatter
args=('tabpy_log.log', 'a', 1000000, 5)

[formatter_rootFormatter]
format=%(asctime)s [%(levelname)s] (%(filename)s:%(module)s:%(lineno)d): %(message)s
datefmt=never
`

func TestTabPyLoggerSections(t *testing.T) {
	want := `logger "" from 10 to [rootHandler rotatingFileHandler] propagate true
handler rootHandler kind 1 from 20 stdout true prints never [INFO] (b.go:b:7): M
handler rotatingFileHandler kind 4 from 10 {Path:tabpy_log.log Truncate:false Exclusive:false MaxBytes:1000000 Backups:5 When: Interval:0 UTC:false} prints never [INFO] (b.go:b:7): M
`
	if got := readText(t, tabpySections); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestNoLoggerSections(t *testing.T) {
	if got := readText(t, ""); got != "none\n" {
		t.Errorf("got %s, want none", got)
	}
}

// withHandler returns complete logger sections with one handler.
func withHandler(handler string) string {
	return "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nlevel=NOTSET\nhandlers=h\n[handler_h]\n" + handler
}

func TestHandlers(t *testing.T) {
	for handler, want := range map[string]string{
		"class=StreamHandler": "kind 1 from 0 stdout false",
		"class=StreamHandler\nlevel=warn\nargs=(sys.stderr,)":                                                      "kind 1 from 30 stdout false",
		"class=logging.StreamHandler\nkwargs={'stream':sys.stdout}":                                                "kind 1 from 0 stdout true",
		"class=NullHandler\nargs=(logging.WARN,)":                                                                  "kind 0 from 0 prints",
		"class=logging.NullHandler":                                                                                "kind 0 from 0 prints",
		"class=FileHandler\nargs=('a.log',)":                                                                       "kind 2 from 0 {Path:a.log Truncate:false Exclusive:false MaxBytes:0",
		"class=FileHandler\nargs=('a.log', 'w', 'UTF-8', True)":                                                    "{Path:a.log Truncate:true Exclusive:false",
		"class=FileHandler\nargs=('a.log', 'x')":                                                                   "{Path:a.log Truncate:false Exclusive:true",
		"class=logging.handlers.WatchedFileHandler\nargs=('a',)":                                                   "kind 3 from 0 {Path:a ",
		"class=handlers.RotatingFileHandler\nargs=('a',)\nkwargs={'maxBytes': 10*1024**2, 'backupCount': 3}":       "kind 4 from 0 {Path:a Truncate:false Exclusive:false MaxBytes:10485760 Backups:3",
		"class=handlers.RotatingFileHandler\nargs=('a', 'w', 1e6, 3)":                                              "{Path:a Truncate:false Exclusive:false MaxBytes:1000000 Backups:3",
		"class=handlers.RotatingFileHandler\nargs=('a', 'w', -1, -1)":                                              "{Path:a Truncate:true Exclusive:false MaxBytes:0 Backups:0",
		"class=handlers.TimedRotatingFileHandler\nargs=('a',)":                                                     "kind 5 from 0 {Path:a Truncate:false Exclusive:false MaxBytes:0 Backups:0 When:H Interval:1 UTC:false}",
		"class=handlers.TimedRotatingFileHandler\nargs=('a', 'midnight', 2, 7, None, False, True)":                 "Backups:7 When:MIDNIGHT Interval:2 UTC:true}",
		"class=handlers.TimedRotatingFileHandler\nargs=('a', 'w6')":                                                "When:W6 Interval:1",
		"class=handlers.SysLogHandler":                                                                             "kind 6 from 0 {Network:udp Address:localhost:514 Facility:1}",
		"class=handlers.SysLogHandler\nargs=(('log.example', 1514), 'local0')":                                     "{Network:udp Address:log.example:1514 Facility:16}",
		"class=handlers.SysLogHandler\nargs=(('::1', 514), handlers.SysLogHandler.LOG_DAEMON, socket.SOCK_STREAM)": "{Network:tcp Address:[::1]:514 Facility:3}",
		"class=handlers.SysLogHandler\nargs=('/dev/log',)":                                                         "{Network: Address:/dev/log Facility:1}",
		"class=handlers.SysLogHandler\nargs=('/dev/log', 1, socket.SOCK_DGRAM)":                                    "{Network:unixgram Address:/dev/log Facility:1}",
		"class=handlers.SysLogHandler\nargs=('/dev/log', 1, socket.SOCK_STREAM)":                                   "{Network:unix Address:/dev/log Facility:1}",
		"class=handlers.SysLogHandler\nkwargs={'address': ('h', '601'), 'socktype': handlers.socket.SOCK_STREAM}":  "{Network:tcp Address:h:601 Facility:1}",
	} {
		got := readText(t, withHandler(handler))
		if !strings.Contains(got, want) || strings.Contains(got, "line ") {
			t.Errorf("%s\ngot  %s\nwant %s", handler, got, want)
		}
	}
}

// An unsupported handler gives a warning with its line. If none is left, the result is the same as
// without logger sections.
func TestUnsupportedHandlers(t *testing.T) {
	const unusable = "line 2: the root logger has no usable handler, so the logger sections have no effect"
	for handler, want := range map[string]string{
		"class=handlers.SMTPHandler\nargs=('m', 'a', ['b'], 's', ('u', 'hunter2'))": `line 12: [handler_h] class: "handlers.SMTPHandler" is not supported, so the handler is ignored; the supported classes are FileHandler, NullHandler, `,
		"args=('a',)":                                                                `line 11: [handler_h] class: "" is not supported`,
		"class=FileHandler\nargs=('a.log')":                                          "line 13: [handler_h] args: it must be a tuple; a single value needs a comma after it",
		"class=FileHandler\nargs=('hunter2', secret)":                                "line 13: [handler_h] args: at character 13: secret is not a known constant",
		"class=FileHandler":                                                          "line 11: [handler_h] args: filename must be the path of a file; the handler is ignored",
		"class=FileHandler\nargs=(5,)":                                               "args: filename must be a string; filename must be the path",
		"class=FileHandler\nargs=('a', 'r')":                                         "args: mode must be 'a', 'w' or 'x'",
		"class=FileHandler\nargs=('a',)\nkwargs={'filename': 'b'}":                   `kwargs: "filename" is also in args or is not`,
		"class=FileHandler\nkwargs={'file': 'b'}":                                    `kwargs: "file" is also in args or is not a parameter of the class; the parameters are filename, mode`,
		"class=FileHandler\nkwargs=('file',)":                                        "kwargs must be a dict",
		"class=FileHandler\nkwargs={":                                                "line 13: [handler_h] args: kwargs: at character 2",
		"class=NullHandler\nargs=(1,2)":                                              "2 values, but the class takes at most 1: level",
		"class=StreamHandler\nargs=('out',)":                                         "stream must be sys.stdout or sys.stderr",
		"class=handlers.RotatingFileHandler\nargs=('a','a','big')":                   "maxBytes must be a number",
		"class=handlers.RotatingFileHandler\nargs=('a','a',1e300)":                   "maxBytes must be a smaller number",
		"class=handlers.TimedRotatingFileHandler\nargs=('a', 'fortnight')":           "when must be one of 'S', 'M', 'H', 'D', 'midnight', 'W0' to 'W6'",
		"class=handlers.TimedRotatingFileHandler\nargs=('a', 'S', 0)":                "interval must be from 1 to 1000000",
		"class=handlers.TimedRotatingFileHandler\nargs=('a', 'D', 200000)":           "interval must be shorter than 100 years",
		"class=handlers.TimedRotatingFileHandler\nargs=('a', '')":                    "when must be one of",
		"class=handlers.TimedRotatingFileHandler\nargs=('a',)\nkwargs={'atTime': 5}": "atTime must be None; times of day are not supported",
		"class=handlers.SysLogHandler\nargs=(5,)":                                    "address must be a path such as '/dev/log', or ('localhost', 514)",
		"class=handlers.SysLogHandler\nargs=(('h', 99999),)":                         "address must be a host and a port",
		"class=handlers.SysLogHandler\nargs=(('h', 1, 2),)":                          "address must be a host and a port",
		"class=handlers.SysLogHandler\nargs=(('h', 1), 'user2')":                     "facility must be a name such as 'user'",
		"class=handlers.SysLogHandler\nargs=(('h', 1), 24)":                          "facility must be a name",
		"class=handlers.SysLogHandler\nargs=(('h', 1), 1, 5)":                        "socktype must be socket.SOCK_DGRAM or socket.SOCK_STREAM",
	} {
		got := readText(t, withHandler(handler))
		if !strings.HasPrefix(got, "none\n") || !strings.Contains(got, want) || !strings.Contains(got, unusable) {
			t.Errorf("%s\ngot  %s\nwant %s", handler, got, want)
		}
		if strings.Contains(got, "hunter2") {
			t.Errorf("%s: a warning shows the text of args: %s", handler, got)
		}
	}
}

func TestWarnings(t *testing.T) {
	for text, want := range map[string]string{
		"[handlers]\nkeys=h": "none\nline 2: [handlers] and the other logger sections have no effect, because there is no section [loggers]\n",
		"[loggers]":          "line 2: [loggers] has no keys\n",
		"[loggers]\nkeys=a":  "line 3: [loggers] keys: there is no section [logger_a]\nline 2: [loggers] keys: root is missing or has no section\n",
		withHandler("class=StreamHandler\nlevel=LOUD"):                                      `line 13: [handler_h] level: "LOUD" is not one of NOTSET, DEBUG, INFO`,
		withHandler("class=StreamHandler\nformatter=f"):                                     `line 13: [handler_h] formatter: "f" is not among the keys of [formatters]`,
		withHandler("class=StreamHandler\nstream=x"):                                        "line 13: [handler_h] stream has no effect; the options of such a section are class, level, formatter, args",
		withHandler("class=FileHandler\nargs=('%(nope)s',)"):                                "[handler_h] option args: %(nope)s is neither an option of [handler_h] nor an environment variable",
		withHandler("class=FileHandler\nargs=('a', 'a', 'latin-1')"):                        `line 13: [handler_h] encoding "latin-1" is not supported; the file is written in UTF-8`,
		withHandler("class=StreamHandler\n[handler_k]\n[formatter_f]"):                      "line 13: [handler_k] has no effect, because it is not among the keys of [handlers]\nline 14: [formatter_f] has no effect",
		strings.Replace(withHandler("class=StreamHandler"), "handlers=h", "handlers=k", 1):  `line 10: [logger_root] handlers: "k" is not among the keys of [handlers]`,
		strings.Replace(withHandler("class=StreamHandler"), "keys=root", "keys=root,a", 1):  "keys: there is no section [logger_a]",
		withHandler("class=StreamHandler\n[logger_a]"):                                      "line 13: [logger_a] has no effect",
		strings.Replace(withHandler("class=StreamHandler"), "[formatters]\nkeys=\n", "", 1): "line 2: there is no section [formatters]",
	} {
		if got := readText(t, text); !strings.Contains(got, want) {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestLoggers(t *testing.T) {
	got := readText(t, `[DEFAULT]
dir=/var/log
[loggers]
keys= root , access,app, mute
[handlers]
keys=a,b
[formatters]
keys=f,g
[logger_root]
handlers=a
[logger_access]
qualname=tornado.access
level=error
propagate=0
handlers=b
[logger_app]
qualname=tabpy
handlers=
[logger_mute]
handlers=a
propagate=never
[handler_a]
class=FileHandler
args=('%(dir)s/100%%.log',)
formatter=f
[handler_b]
class=StreamHandler
formatter=g
[formatter_f]
format={levelname}
style={
class=logging.Formatter
[formatter_g]
format=%(name)s %(oops)s
class=my.Json
defaults={}
`)
	want := `logger "" from 30 to [a] propagate true
logger "tornado.access" from 40 to [b] propagate false
logger "tabpy" from 0 to [] propagate true
handler a kind 2 from 0 {Path:/var/log/100%.log Truncate:false Exclusive:false MaxBytes:0 Backups:0 When: Interval:0 UTC:false} prints INFO
handler b kind 1 from 0 stdout false prints  %(oops)s
line 35: [formatter_g] %(oops)s is not an attribute of a log record; it is printed unchanged
line 36: [formatter_g] class: "my.Json" is not supported; logging.Formatter is used
line 37: [formatter_g] defaults are not supported
line 20: [logger_mute] has no effect, because it has no qualname
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPropagate(t *testing.T) {
	for text, want := range map[string]bool{"": true, "propagate=1": true, "propagate=0": false, "propagate=+00": false, "propagate=-1": true, "propagate=no": true} {
		got := readText(t, "[loggers]\nkeys=root,a\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nhandlers=\n[logger_a]\nqualname=x\nhandlers=\n"+text)
		if !strings.Contains(got, fmt.Sprintf(`logger "x" from 0 to [] propagate %v`, want)) {
			t.Errorf("%q gives propagate != %v:\n%s", text, want, got)
		}
	}
}
