package pylog

import (
	"regexp"
	"strconv"
	"strings"
)

// percentConversion matches a conversion of the style % with its flags, width, precision, length
// (which Python ignores) and letter, or %%.
var percentConversion = regexp.MustCompile(`^%(?:%|\(([^()]*)\)([#0+ -]*)([0-9]{0,4})(?:\.([0-9]{0,3}))?[hlL]?([a-zA-Z]))`)

// scan splits a format at the special characters of its style. read adds the field or escape at the
// beginning of format and returns its length, or 0 if it is invalid. example describes a valid one.
func (c *formatParser) scan(format, special, example string, read func(format string) int) {
	for format != "" {
		i := strings.IndexAny(format, special)
		if i < 0 {
			c.literal(format)
			return
		}
		c.literal(format[:i])
		format = format[i:]
		n := read(format)
		if n == 0 {
			n = len(firstToken(format))
			c.keepAsText(format[:n], "is not a "+example)
		}
		format = format[n:]
	}
}

// percent parses the style %, as in "%(asctime)s %(levelname)-8s".
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
				spec.precision, _ = strconv.Atoi(group(4)) // a point without digits is .0, as in Python
			}
			c.field(format[:m[1]], group(1), spec)
		}
		return m[1]
	})
}

// firstToken returns the beginning of a format, up to its first separator, for a message.
func firstToken(format string) string {
	if end := strings.IndexAny(format[1:], " %{}$|,;]"); end >= 0 {
		return format[:end+1]
	}
	return format
}

// percentSpec returns the format of a conversion. The order of flags does not matter: - takes
// precedence over 0, and + over a space.
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

// braceField matches a replacement field of the style {: name, conversion and specification.
var (
	braceField = regexp.MustCompile(`^\{(\w+)(?:!([a-zA-Z]))?(?::([^{}]*))?\}`)
	braceSpec  = regexp.MustCompile(`^(?:(.)?([<>=^]))?([+ -])?(#)?(0)?([0-9]{0,4})(?:\.([0-9]{1,3}))?([a-zA-Z%])?$`)
)

// braces parses the style {, as in "{asctime} {levelname:<8}".
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

// brace adds the field of a match of braceField.
func (c *formatParser) brace(m []string) {
	spec, ok := parseBraceSpec(m[3])
	switch {
	case m[2] != "" && m[2] != "s":
		c.keepAsText(m[0], "has an unsupported conversion")
	case !ok:
		c.keepAsText(m[0], "has an unsupported format")
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

// dollarField matches a placeholder of the style $, or $$.
var dollarField = regexp.MustCompile(`^\$(?:\$|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\})`)

// dollars parses the style $, as in "${asctime} $message".
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
