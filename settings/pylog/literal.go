package pylog

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Values of Python literals: string, int64, float64, bool, nil for None, stream, and these two.
type (
	tuple []any // lists too
	dict  map[string]any
)

// stream is sys.stdout or sys.stderr.
type stream string

const (
	stdout stream = "sys.stdout"
	stderr stream = "sys.stderr"

	sockStream = 1
	sockDgram  = 2
)

const (
	maxNesting = 20       // of brackets and signs
	maxLiteral = 16 << 10 // bytes
)

// facilities are the facilities of syslog by the names that SysLogHandler knows.
var facilities = map[string]int{
	"kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9, "authpriv": 10,
	"ftp": 11, "ntp": 12, "security": 13, "console": 14, "solaris-cron": 15, "solcron": 15, "local0": 16, "local1": 17, "local2": 18, "local3": 19,
	"local4": 20, "local5": 21, "local6": 22, "local7": 23,
}

// parseLiteral is the value of a Python expression made of literals, numbers being calculated with, and names of the logging package.
// Python evaluates whatever stands there; here nothing is run, and anything else is an error that says where.
func parseLiteral(text string) (any, error) {
	if len(text) > maxLiteral {
		return nil, fmt.Errorf("longer than %d bytes", maxLiteral)
	}
	p := &parser{rest: text, whole: text}
	v, err := p.sum(0)
	if p.skip(); err == nil && p.rest != "" {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// parser goes down the grammar: sum, product, sign, power, atom.
type parser struct{ rest, whole string }

func (p *parser) fail(format string, args ...any) error {
	at := utf8.RuneCountInString(p.whole[:len(p.whole)-len(p.rest)]) + 1
	return fmt.Errorf("at character %d: %s", at, fmt.Sprintf(format, args...))
}

func (p *parser) unexpected() error {
	if p.rest == "" {
		return p.fail("it ends too early")
	}
	r, _ := utf8.DecodeRuneInString(p.rest)
	return p.fail("%q is not understood: only texts, numbers, True, False, None, sys.stdout, sys.stderr and constants of logging can stand here", r)
}

// skip passes white space and comments.
func (p *parser) skip() {
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n\f")
		if !strings.HasPrefix(p.rest, "#") {
			return
		}
		_, p.rest, _ = strings.Cut(p.rest, "\n")
	}
}

// take passes a sign if it comes next. "*" is not the beginning of "**".
func (p *parser) take(sign string) bool {
	p.skip()
	after, ok := strings.CutPrefix(p.rest, sign)
	if ok && (sign == "*" || sign == "/") && strings.HasPrefix(after, sign) {
		return false
	}
	if ok {
		p.rest = after
	}
	return ok
}

func (p *parser) sum(depth int) (any, error) {
	left, err := p.product(depth)
	for err == nil {
		switch {
		case p.take("+"):
			left, err = p.apply('+', left, depth, p.product)
		case p.take("-"):
			left, err = p.apply('-', left, depth, p.product)
		default:
			return left, nil
		}
	}
	return nil, err
}

func (p *parser) product(depth int) (any, error) {
	left, err := p.sign(depth)
	for err == nil {
		switch {
		case p.take("//"):
			left, err = p.apply('f', left, depth, p.sign)
		case p.take("/"):
			left, err = p.apply('/', left, depth, p.sign)
		case p.take("*"):
			left, err = p.apply('*', left, depth, p.sign)
		default:
			return left, nil
		}
	}
	return nil, err
}

func (p *parser) sign(depth int) (any, error) {
	if depth > maxNesting {
		return nil, p.fail("nested more than %d deep", maxNesting)
	}
	switch {
	case p.take("-"):
		return p.apply('-', int64(0), depth+1, p.sign)
	case p.take("+"):
		return p.apply('+', int64(0), depth+1, p.sign)
	}
	left, err := p.atom(depth)
	if err == nil && p.take("**") {
		return p.apply('p', left, depth+1, p.sign)
	}
	return left, err
}

func (p *parser) apply(op byte, left any, depth int, operand func(int) (any, error)) (any, error) {
	right, err := operand(depth)
	if err != nil {
		return nil, err
	}
	if a, ok := left.(string); ok && op == '+' {
		if b, ok := right.(string); ok {
			return a + b, nil
		}
	}
	v, err := calculate(op, left, right)
	if err != nil {
		return nil, p.fail("%s", err)
	}
	return v, nil
}

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

// bracket is a tuple, a list, or a value in parentheses.
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
			return nil, p.fail("a name in quotes and a colon are needed")
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

// name is a constant, with the names of packages in front of it or without.
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
		return nil, p.fail("%s is not known here: nothing is run to find out what it is", strings.ToValidUTF8(word, "?"))
	}
	p.rest = p.rest[end:]
	return v, nil
}

var constants = map[string]any{
	"True": true, "False": false, "None": nil, "sys.stdout": stdout, "sys.stderr": stderr, "sys.__stdout__": stdout, "sys.__stderr__": stderr,
	"socket.SOCK_STREAM": int64(sockStream), "socket.SOCK_DGRAM": int64(sockDgram), "SYSLOG_UDP_PORT": int64(514), "SYSLOG_TCP_PORT": int64(514),
}
