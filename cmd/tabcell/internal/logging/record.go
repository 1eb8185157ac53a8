package logging

import (
	"bytes"
	"encoding/json"
	"fmt"
	goruntime "runtime"
	"strconv"
	"strings"
	"unicode"

	"tabcell/cmd/tabcell/internal/term"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// The loggers of TabPy whose lines have counterparts here: Python's logger sections know them by these names.
const (
	startLogger   = "tabpy.tabpy_server.app.app"               // start, stop, and what concerns no request
	requestLogger = "tabpy.tabpy_server.handlers.base_handler" // one request
	accessLogger  = "tornado.access"                           // its access line; httpapi names it
	callSuffix    = ", <<call ID: "                            // how TabPy ends a line that belongs to a request
	sourceKey     = "source"                                   // file:line:function, for formats that show it
	callKey       = "call"                                     // the call id
	loggerKey     = "logger"                                   // where it is not the one that the other fields suggest
)

// inMessage are fields that the messages of access lines, call contexts and refusals tell already, in TabPy's form: text leaves them out.
var inMessage = map[string]bool{
	"method": true, "path": true, "status": true, "remote": true, "took": true, "url": true, "client": true, "user": true, "person": true,
}

// readRecord makes a record of a line of zerolog's. Its message gets the fields behind it, and the call id as TabPy shows it; line breaks and
// other characters that move the cursor come escaped, whoever they are from.
func readRecord(line []byte) pylog.Record {
	r := pylog.Record{}
	call, fields, told := "", []byte(nil), []byte(nil)
	ok := eachField(line, func(key string, value []byte) {
		switch key {
		case zerolog.MessageFieldName:
			r.Message = term.OneLine(textOf(value))
		case loggerKey:
			r.Logger = textOf(value)
		case callKey:
			call = textOf(value)
		case sourceKey:
			r.File, r.Line, r.Function = splitSource(textOf(value))
		case zerolog.LevelFieldName, zerolog.TimestampFieldName:
		default:
			if inMessage[key] {
				told = appendField(told, key, value)
			} else {
				fields = appendField(fields, key, value)
			}
		}
	})
	if !ok {
		r.Message = term.OneLine(string(bytes.TrimSpace(line)))
	}
	if r.Logger != accessLogger && !strings.HasPrefix(r.Message, "Call ID: ") && !strings.HasPrefix(r.Message, "Responding with status=") {
		fields = append(fields, told...)
	}
	r.Message += string(fields)
	if call != "" && !strings.Contains(r.Message, call) {
		r.Message += callSuffix + term.OneLine(call) + ">>"
	}
	if r.Logger == "" {
		r.Logger = map[bool]string{true: requestLogger, false: startLogger}[call != ""]
	}
	return r
}

// eachField visits the fields of a flat object in their order; false: it is none. The lines are zerolog's own, without white space, and many:
// encoding/json would take ten times as long.
func eachField(line []byte, visit func(key string, value []byte)) bool {
	rest := bytes.TrimSpace(line)
	if len(rest) < 2 || rest[0] != '{' || rest[len(rest)-1] != '}' {
		return false
	}
	for rest = rest[1 : len(rest)-1]; len(rest) > 0; {
		key := valueEnd(rest)
		if rest[0] != '"' || key >= len(rest) || rest[key] != ':' {
			return false
		}
		value := key + 1 + valueEnd(rest[key+1:])
		if value == key+1 || value < len(rest) && rest[value] != ',' {
			return false
		}
		visit(textOf(rest[:key]), rest[key+1:value])
		rest = rest[min(value+1, len(rest)):]
	}
	return true
}

// valueEnd is where the JSON value ends that b begins with.
func valueEnd(b []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			if quoted = !quoted; !quoted && depth == 0 {
				return i + 1
			}
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth <= 0 {
				return i + 1 + min(depth, 0)
			}
		case depth == 0 && (c == ',' || c == ':'):
			return i
		}
	}
	return len(b)
}

// textOf is a text's content, and any other value as it is written.
func textOf(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return string(value)
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	return text
}

// appendField writes " key=value", the value in quotes where it could pass for more than one.
func appendField(dst []byte, key string, value []byte) []byte {
	dst = append(append(append(dst, ' '), term.OneLine(key)...), '=')
	text := textOf(value)
	if value[0] == '"' && (text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"=<>`, r) || !unicode.IsPrint(r) })) {
		return strconv.AppendQuote(dst, text)
	}
	return append(dst, term.OneLine(text)...)
}

// sourceHook adds to each event where in the source it comes from.
type sourceHook struct{}

// Run implements zerolog.Hook.
func (sourceHook) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	var pcs [16]uintptr
	frames := goruntime.CallersFrames(pcs[:goruntime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "github.com/rs/zerolog.") {
			e.Str(sourceKey, sourceOf(frame))
			return
		}
		if !more {
			return
		}
	}
}

// sourceOf is such as "tabcell/httpapi/log.go:45:logAccess": the package stands for the folder, which depends on where it was built.
func sourceOf(frame goruntime.Frame) string {
	function := frame.Function
	slash := strings.LastIndexByte(function, '/') + 1
	dot := slash + max(0, strings.IndexByte(function[slash:], '.'))
	file := frame.File[strings.LastIndexByte(frame.File, '/')+1:]
	return fmt.Sprintf("%s/%s:%d:%s", function[:dot], file, frame.Line, functionName(strings.TrimPrefix(function[dot:], ".")))
}

// functionName is "stop" for "(*service).stop.func1".
func functionName(qualified string) string {
	parts := strings.Split(qualified, ".")
	for len(parts) > 1 && strings.Trim(strings.TrimPrefix(parts[len(parts)-1], "func"), "0123456789") == "" {
		parts = parts[:len(parts)-1]
	}
	return parts[len(parts)-1]
}

func splitSource(source string) (file string, line int, function string) {
	file, rest, _ := strings.Cut(source, ":")
	number, function, _ := strings.Cut(rest, ":")
	line, _ = strconv.Atoi(number)
	return file, line, function
}
