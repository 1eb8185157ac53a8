package logging

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"

	"tabcell/cmd/tabcell/internal/term"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// The names of TabPy's loggers whose records have counterparts here. Python's logger sections refer
// to them.
const (
	startLogger   = "tabpy.tabpy_server.app.app"               // start, stop, and all else outside of requests
	requestLogger = "tabpy.tabpy_server.handlers.base_handler" // lines about a request
	accessLogger  = "tornado.access"                           // access lines; httpapi sets this name
)

// The keys of fields with a special meaning.
const (
	sourceKey = "source" // file:line:function, for formats that show it
	callKey   = "call"   // call id
	loggerKey = "logger" // name of the logger, if it does not follow from callKey
)

// callSuffix begins the end of a line about a request, as TabPy writes it.
const callSuffix = ", <<call ID: "

// repeatedFields has the fields that the messages of access lines, call contexts and refusals
// contain already, in TabPy's form. The text of such a record omits them.
var repeatedFields = map[string]bool{
	"method": true, "path": true, "status": true, "remote": true, "took": true, "url": true, "client": true, "user": true, "person": true,
}

// readRecord converts a line of zerolog to a record. It appends the fields to the message, followed
// by the call id in TabPy's form. Line breaks and other control characters are escaped, because
// clients and scripts can put them there.
func readRecord(line []byte) pylog.Record {
	r := pylog.Record{}
	call, fields, repeated := "", []byte(nil), []byte(nil)
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
			if repeatedFields[key] {
				repeated = appendField(repeated, key, value)
			} else {
				fields = appendField(fields, key, value)
			}
		}
	})
	if !ok {
		r.Message = term.OneLine(string(bytes.TrimSpace(line)))
	}
	if !containsFields(&r) {
		fields = append(fields, repeated...)
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

// containsFields reports whether the message of a record contains the repeatedFields.
func containsFields(r *pylog.Record) bool {
	return r.Logger == accessLogger ||
		strings.HasPrefix(r.Message, "Call ID: ") || strings.HasPrefix(r.Message, "Responding with status=")
}

// eachField calls visit for each field of a JSON object, in order. It returns false if line is not
// an object. It supports only JSON without white space, as zerolog writes it, because encoding/json
// would take ten times as long.
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

// valueEnd returns the length of the JSON value at the beginning of b.
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

// textOf returns the content of a JSON string, or the JSON text of any other value.
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

// appendField appends " key=value". It quotes a value that is empty or could be mistaken for
// several fields.
func appendField(dst []byte, key string, value []byte) []byte {
	dst = append(append(append(dst, ' '), term.OneLine(key)...), '=')
	text := textOf(value)
	if value[0] == '"' && (text == "" || strings.ContainsFunc(text, needsQuotes)) {
		return strconv.AppendQuote(dst, text)
	}
	return append(dst, term.OneLine(text)...)
}

// needsQuotes reports whether a value that contains r must be quoted.
func needsQuotes(r rune) bool {
	return r <= ' ' || strings.ContainsRune(`"=<>`, r) || !unicode.IsPrint(r)
}
