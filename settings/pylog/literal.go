package pylog

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The value of a Python literal is a string, int64, float64, bool, stream, nil for None, or one of
// these types.
type (
	tuple []any // or a list
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
	maxNesting = 20       // of brackets and operators
	maxLiteral = 16 << 10 // bytes
)

// parseLiteral returns the value of a Python expression of literals, arithmetic, and constants of
// the package logging. Everything else is an error with its position: Python evaluates any
// expression, but tabcell does not run code from a configuration file.
func parseLiteral(text string) (any, error) {
	if len(text) > maxLiteral {
		return nil, fmt.Errorf("longer than %d bytes", maxLiteral)
	}
	p := &parser{rest: text, text: text}
	v, err := p.sum(0)
	if p.skip(); err == nil && p.rest != "" {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// parser is a recursive descent parser with the levels sum, product, sign, power and atom.
type parser struct{ rest, text string }

// fail returns an error with the current position.
func (p *parser) fail(format string, args ...any) error {
	at := utf8.RuneCountInString(p.text[:len(p.text)-len(p.rest)]) + 1
	return fmt.Errorf("at character %d: %s", at, fmt.Sprintf(format, args...))
}

func (p *parser) unexpected() error {
	if p.rest == "" {
		return p.fail("unexpected end")
	}
	r, _ := utf8.DecodeRuneInString(p.rest)
	return p.fail("unexpected %q; only strings, numbers, True, False, None, sys.stdout, sys.stderr and constants of logging are allowed", r)
}

// skip skips white space and comments.
func (p *parser) skip() {
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n\f")
		if !strings.HasPrefix(p.rest, "#") {
			return
		}
		_, p.rest, _ = strings.Cut(p.rest, "\n")
	}
}

// take consumes a token if it follows, and reports whether it did. "*" is not a prefix of "**".
func (p *parser) take(token string) bool {
	p.skip()
	after, ok := strings.CutPrefix(p.rest, token)
	if ok && (token == "*" || token == "/") && strings.HasPrefix(after, token) {
		return false
	}
	if ok {
		p.rest = after
	}
	return ok
}

// sum parses operands of + and -.
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

// product parses operands of *, / and //.
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

// sign parses an operand with or without signs, and **, which binds more tightly than a sign on its
// left.
func (p *parser) sign(depth int) (any, error) {
	if depth > maxNesting {
		return nil, p.fail("nested more than %d levels deep", maxNesting)
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

// apply parses the right operand and applies the operator. + also concatenates strings.
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
