package pylog

import (
	"regexp"
	"strconv"
	"strings"
)

// A conversion of the style %: flags, width, precision, a length that means nothing, and the letter; or %%.
var percentConversion = regexp.MustCompile(`^%(?:%|\(([^()]*)\)([#0+ -]*)([0-9]{0,4})(?:\.([0-9]{0,3}))?[hlL]?([a-zA-Z]))`)

// scan reads a format. Text is literal up to one of the signs; read takes what begins there, and returns how long it is: 0 when it is none of
// what the style knows, such as the example.
func (c *formatParser) scan(format, signs, example string, read func(format string) int) {
	for format != "" {
		i := strings.IndexAny(format, signs)
		if i < 0 {
			c.literal(format)
			return
		}
		c.literal(format[:i])
		format = format[i:]
		n := read(format)
		if n == 0 {
			n = len(firstToken(format))
			c.keepAsText(format[:n], "is no "+example)
		}
		format = format[n:]
	}
}

// percent reads "%(asctime)s %(levelname)-8s".
func (c *formatParser) percent(format string) {
	c.scan(format, "%", "conversion such as %(message)s or %%", func(format string) int {
		m := percentConversion.FindStringSubmatchIndex(format)
		switch {
		case m == nil:
			return 0
		case m[2] < 0:
			c.literal("%")
		default:
			group := func(n int) string { return format[max(m[2*n], 0):max(m[2*n+1], 0)] }
			spec := percentSpec(group(2), group(3), group(5)[0])
			if m[8] >= 0 {
				spec.precision, _ = strconv.Atoi(group(4)) // Python reads a lone point as .0
			}
			c.field(format[:m[1]], group(1), spec)
		}
		return m[1]
	})
}

// firstToken is the piece of a format that is named when it is not understood.
func firstToken(format string) string {
	if end := strings.IndexAny(format[1:], " %{}$|,;]"); end >= 0 {
		return format[:end+1]
	}
	return format
}

// percentSpec: the later of two flags never takes the earlier back; - beats 0, and + beats a space.
func percentSpec(flags, width string, verb byte) formatSpec {
	s := formatSpec{verb: verb, fill: ' ', align: '>', precision: -1, truncates: true}
	s.width, _ = strconv.Atoi(width)
	s.alternate = strings.Contains(flags, "#")
	switch {
	case strings.Contains(flags, "+"):
		s.sign = '+'
	case strings.Contains(flags, " "):
		s.sign = ' '
	}
	switch {
	case strings.Contains(flags, "-"):
		s.align = '<'
	case strings.Contains(flags, "0") && verb != 's':
		s.fill, s.align = '0', '='
	}
	if verb == 'i' || verb == 'u' {
		s.verb = 'd'
	}
	return s
}

// A replacement field of the style {: name, conversion, and specification.
var (
	braceField = regexp.MustCompile(`^\{(\w+)(?:!([a-zA-Z]))?(?::([^{}]*))?\}`)
	braceSpec  = regexp.MustCompile(`^(?:(.)?([<>=^]))?([+ -])?(#)?(0)?([0-9]{0,4})(?:\.([0-9]{1,3}))?([a-zA-Z%])?$`)
)

// braces reads "{asctime} {levelname:<8}".
func (c *formatParser) braces(format string) {
	c.scan(format, "{}", "field such as {message} or {levelname:<8}", func(format string) int {
		if strings.HasPrefix(format, "{{") || strings.HasPrefix(format, "}}") {
			c.literal(format[:1])
			return 2
		}
		m := braceField.FindStringSubmatch(format)
		if m == nil {
			return 0
		}
		c.brace(m)
		return len(m[0])
	})
}

func (c *formatParser) brace(m []string) {
	spec, ok := parseBraceSpec(m[3])
	switch {
	case m[2] != "" && m[2] != "s":
		c.keepAsText(m[0], "has a conversion that has no counterpart here")
	case !ok:
		c.keepAsText(m[0], "has a format that has no counterpart here")
	default:
		spec.asText = m[2] == "s"
		c.field(m[0], m[1], spec)
	}
}

func parseBraceSpec(text string) (formatSpec, bool) {
	m := braceSpec.FindStringSubmatch(text)
	if m == nil {
		return formatSpec{}, false
	}
	s := formatSpec{fill: ' ', precision: -1, alternate: m[4] != ""}
	for _, r := range m[1] {
		s.fill = r
	}
	if m[2] != "" {
		s.align = m[2][0]
	}
	if m[3] != "" && m[3] != "-" {
		s.sign = m[3][0]
	}
	if m[5] != "" {
		s.zero = true
	}
	s.width, _ = strconv.Atoi(m[6])
	if m[7] != "" {
		s.precision, _ = strconv.Atoi(m[7])
	}
	if m[8] != "" {
		s.verb = m[8][0]
	}
	return s, true
}

// A placeholder of the style $, or an escaped sign.
var dollarField = regexp.MustCompile(`^\$(?:\$|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\})`)

// dollars reads "${asctime} $message".
func (c *formatParser) dollars(format string) {
	c.scan(format, "$", "field such as $message or ${message}", func(format string) int {
		m := dollarField.FindStringSubmatch(format)
		switch {
		case m == nil:
			return 0
		case m[0] == "$$":
			c.literal("$")
		default:
			c.field(m[0], m[1]+m[2], formatSpec{fill: ' ', precision: -1, asText: true})
		}
		return len(m[0])
	})
}
