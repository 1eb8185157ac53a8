package pylog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// atom parses a constant, a literal, or a value in brackets.
func (p *parser) atom(depth int) (any, error) {
	p.skip()
	switch r, _ := utf8.DecodeRuneInString(p.rest); {
	case p.rest == "":
		return nil, p.unexpected()
	case r == '(':
		return p.bracket(")", depth)
	case r == '[':
		return p.bracket("]", depth)
	case r == '{':
		return p.dict(depth)
	case r >= '0' && r <= '9', r == '.':
		return p.number()
	case r == '\'', r == '"', p.prefixed():
		return p.strings()
	case r == '_' || unicode.IsLetter(r):
		return p.name()
	}
	return nil, p.unexpected()
}

// bracket parses a tuple, a list, or a value in parentheses.
func (p *parser) bracket(end string, depth int) (any, error) {
	p.rest = p.rest[1:]
	values, comma := tuple{}, end == "]"
	for !p.take(end) {
		v, err := p.sum(depth + 1)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if p.take(",") {
			comma = true
			continue
		}
		if !p.take(end) {
			return nil, p.unexpected()
		}
		break
	}
	if len(values) == 1 && !comma {
		return values[0], nil
	}
	return values, nil
}

// dict parses a dict whose keys are strings.
func (p *parser) dict(depth int) (any, error) {
	p.rest = p.rest[1:]
	values := dict{}
	for !p.take("}") {
		key, err := p.sum(depth + 1)
		name, ok := key.(string)
		switch {
		case err != nil:
			return nil, err
		case !ok || !p.take(":"):
			return nil, p.fail("a quoted name and a colon are required")
		}
		if values[name], err = p.sum(depth + 1); err != nil {
			return nil, err
		}
		if !p.take(",") {
			if !p.take("}") {
				return nil, p.unexpected()
			}
			break
		}
	}
	return values, nil
}

// name parses a constant, with or without the names of its packages.
func (p *parser) name() (any, error) {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	short := strings.TrimPrefix(strings.TrimPrefix(word, "logging."), "handlers.")
	v, ok := constants[short]
	if level, found := levels[short]; found {
		v, ok = int64(level), true
	}
	if facility, found := strings.CutPrefix(short, "SysLogHandler.LOG_"); found {
		var code int
		code, ok = facilities[strings.ToLower(facility)]
		v = int64(code)
	}
	if !ok {
		return nil, p.fail("%s is not a known constant; expressions are not evaluated", strings.ToValidUTF8(word, "?"))
	}
	p.rest = p.rest[end:]
	return v, nil
}

// constants has the supported names except levels and facilities.
var constants = map[string]any{
	"True": true, "False": false, "None": nil, "sys.stdout": stdout, "sys.stderr": stderr, "sys.__stdout__": stdout, "sys.__stderr__": stderr,
	"socket.SOCK_STREAM": int64(sockStream), "socket.SOCK_DGRAM": int64(sockDgram), "SYSLOG_UDP_PORT": int64(514), "SYSLOG_TCP_PORT": int64(514),
}

// facilities has the syslog facilities by their names in SysLogHandler.
var facilities = map[string]int{
	"kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9, "authpriv": 10,
	"ftp": 11, "ntp": 12, "security": 13, "console": 14, "solaris-cron": 15, "solcron": 15, "local0": 16, "local1": 17, "local2": 18, "local3": 19,
	"local4": 20, "local5": 21, "local6": 22, "local7": 23,
}
