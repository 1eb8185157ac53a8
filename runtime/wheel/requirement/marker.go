package requirement

import (
	"fmt"
	"regexp"
	"strings"
)

// Environment has the values of the variables of markers, such as sys_platform.
type Environment map[string]string

// Cell returns the environment of scripts. version is that of their interpreter, such as 3.13.15.
func Cell(version string) Environment {
	parts := strings.SplitN(version+"..", ".", 3)
	return Environment{
		"implementation_name": "cpython", "implementation_version": version, "os_name": "posix", "platform_machine": "wasm32",
		"platform_python_implementation": "CPython", "platform_release": "0.0.0", "platform_system": "wasi", "platform_version": "0.0.0",
		"python_full_version": version, "python_version": parts[0] + "." + parts[1], "sys_platform": "wasi",
	}
}

// variables has the name of each variable by its spellings; the others are older ones.
var variables = map[string]string{
	"os.name": "os_name", "sys.platform": "sys_platform", "platform.version": "platform_version", "platform.machine": "platform_machine",
	"platform.python_implementation": "platform_python_implementation", "python_implementation": "platform_python_implementation",
	"extra": "extra", "extras": "extras", "dependency_groups": "dependency_groups",
}

// versions are the variables whose values are compared as versions.
var versions = map[string]bool{"implementation_version": true, "platform_release": true, "python_full_version": true, "python_version": true}

func init() {
	for name := range Cell("") {
		variables[name] = name
	}
}

// marker reports whether a condition is true.
type marker func(env Environment, extra string) bool

var tokenPattern = regexp.MustCompile(`^\s*(\(|\)|===|==|~=|!=|<=|>=|<|>|'[^']*'|"[^"]*"|not\s+in\b|[a-z_.]+)`)

// markerParser reads the tokens of a marker: or, and, parentheses, and comparisons.
type markerParser struct {
	left string
	err  error
}

func parseMarker(text string) (marker, error) {
	p := &markerParser{left: text}
	m := p.or()
	if p.err == nil && strings.TrimSpace(p.left) != "" {
		p.fail("the end of the marker")
	}
	return m, p.err
}

func (p *markerParser) fail(expected string) {
	if p.err == nil {
		p.err = fmt.Errorf("invalid marker: expected %s at %q", expected, p.left)
	}
}

func (p *markerParser) peek() string {
	m := tokenPattern.FindStringSubmatch(p.left)
	if m == nil || p.err != nil {
		return ""
	}
	return m[1]
}

func (p *markerParser) next() string {
	m := tokenPattern.FindStringSubmatch(p.left)
	if m == nil || p.err != nil {
		return ""
	}
	p.left = p.left[len(m[0]):]
	return m[1]
}

func (p *markerParser) or() marker {
	first := p.and()
	for p.peek() == "or" {
		p.next()
		a, b := first, p.and()
		first = func(env Environment, extra string) bool { return a(env, extra) || b(env, extra) }
	}
	return first
}

func (p *markerParser) and() marker {
	first := p.atom()
	for p.peek() == "and" {
		p.next()
		a, b := first, p.atom()
		first = func(env Environment, extra string) bool { return a(env, extra) && b(env, extra) }
	}
	return first
}

func (p *markerParser) atom() marker {
	if p.peek() != "(" {
		return p.comparison()
	}
	p.next()
	m := p.or()
	if p.next() != ")" {
		p.fail("a closing parenthesis")
	}
	return m
}

func (p *markerParser) comparison() marker {
	left := p.operand()
	operator := p.next()
	if strings.HasPrefix(operator, "not") {
		operator = "not in"
	}
	if operator == "" || !strings.Contains(" in not in === == ~= != <= >= < > ", " "+operator+" ") {
		p.fail("a comparison")
	}
	right := p.operand()
	name := left.variable + right.variable // the other is ""
	if p.err == nil && (left.variable == "") == (right.variable == "") {
		p.fail("a variable and a text")
	}
	return func(env Environment, extra string) bool {
		return compare(name, left.value(env, extra), operator, right.value(env, extra))
	}
}

// operand is a variable or a text.
type operand struct{ variable, text string }

func (p *markerParser) operand() operand {
	token := p.next()
	if strings.HasPrefix(token, "'") || strings.HasPrefix(token, `"`) {
		return operand{text: token[1 : len(token)-1]}
	}
	if variables[token] == "" {
		p.fail("a variable or a text in quotes")
	}
	return operand{variable: variables[token]}
}

func (o operand) value(env Environment, extra string) string {
	if o.variable == "extra" {
		return extra
	}
	return o.text + env[o.variable]
}

// compare compares as packaging does: versions if the variable is one and the text can be a
// condition, otherwise texts, which have no order.
func compare(variable, left, operator, right string) bool {
	if versions[variable] {
		if s, ok := parseSpecifier(operator + right); ok {
			v, err := ParseVersion(left)
			return err == nil && s.contains(v)
		}
	}
	if variable == "extra" {
		left, right = Normalize(left), Normalize(right)
	}
	switch operator {
	case "in":
		return strings.Contains(right, left)
	case "not in":
		return !strings.Contains(right, left)
	case "!=":
		return left != right
	case "==", "===", "<=", ">=":
		return left == right
	}
	return false
}
