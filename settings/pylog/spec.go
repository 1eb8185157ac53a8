package pylog

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"tabcell/settings/internal/python"
)

// formatSpec is the format of one value. It covers the options of the style % and of the style {.
type formatSpec struct {
	verb      byte // s d x X o b e E f F g G %, or 0 for the default of the value's type
	fill      rune
	align     byte // < > ^, = to fill between sign and digits, or 0 for the default of the value's type
	sign      byte // + or space before numbers that are not negative, or 0
	alternate bool // print 0x before the digits
	zero      bool // fill numbers with zeros (style {)
	width     int
	precision int  // -1 for the default
	truncates bool // d accepts floats and truncates them (style %)
	asText    bool // format str(value)
}

// defaultPrecision is the number of digits of e, f, g and %.
const defaultPrecision = 6

const (
	textVerbs  = "s"
	intVerbs   = "dxXo"
	floatVerbs = "eEfFgG"
)

// mismatch returns the reason why a value of the type of v cannot have this format, or "" if it
// can.
func (s formatSpec) mismatch(v any) string {
	fits := textVerbs
	_, isText := v.(string)
	switch v.(type) {
	case int64:
		fits = intVerbs + floatVerbs
	case float64:
		fits = floatVerbs
		if s.truncates {
			fits += "d"
		}
	}
	switch {
	case s.asText:
		fits, isText = textVerbs, true
	case s.truncates:
		fits += textVerbs
	case !isText:
		fits += "%"
	}
	switch {
	case s.verb != 0 && !strings.ContainsRune(fits, rune(s.verb)):
		return "has a conversion that does not fit the type of this field"
	case isText && (s.align == '=' || s.sign != 0 || s.alternate) && !s.truncates:
		return "has a format that does not apply to strings"
	case s.verb == 0 && s.precision >= 0 && !isText:
		return "has an unsupported format"
	case !s.truncates && s.precision >= 0 && strings.ContainsRune(intVerbs, rune(s.verb)) && s.verb != 0:
		return "has a precision, which is invalid for integers"
	case s.alternate && strings.ContainsRune(floatVerbs, rune(s.verb)) && s.verb != 0:
		return "has an unsupported format"
	}
	return ""
}

// append appends the formatted value to dst. The value must have no mismatch.
func (s formatSpec) append(dst []byte, v any) []byte {
	text, isText := v.(string)
	if s.verb == 's' || s.asText && !isText {
		text, isText = str(v), true
	}
	if isText {
		if s.precision >= 0 {
			text = firstRunes(text, s.precision)
		}
		return s.pad(dst, "", text, '<')
	}
	sign, body := s.number(v)
	return s.pad(dst, sign, body, '>')
}

// pad appends sign and body, filled to the width. defaultAlign is the alignment if the format has
// none.
func (s formatSpec) pad(dst []byte, sign, body string, defaultAlign byte) []byte {
	fill, align := s.fill, s.align
	if s.zero && align == 0 {
		fill, align = '0', '='
		if defaultAlign == '<' {
			align = '<'
		}
	} else if s.zero && fill == ' ' {
		fill = '0'
	}
	if align == 0 {
		align = defaultAlign
	}
	missing := max(0, s.width-utf8.RuneCountInString(sign)-utf8.RuneCountInString(body))
	left := missing
	switch align {
	case '<':
		left = 0
	case '^':
		left = missing / 2
	case '=':
		dst, sign = append(dst, sign...), ""
	}
	dst = appendFill(dst, fill, left)
	dst = append(append(dst, sign...), body...)
	return appendFill(dst, fill, missing-left)
}

// appendFill appends fill n times.
func appendFill(dst []byte, fill rune, n int) []byte {
	for range n {
		dst = utf8.AppendRune(dst, fill)
	}
	return dst
}

// number returns the sign of a number, followed by a prefix such as 0x, and its digits.
func (s formatSpec) number(v any) (sign, body string) {
	n, isInt := v.(int64)
	f, _ := toFloat(v)
	if f < 0 {
		sign, f, n = "-", -f, -n
	} else if s.sign != 0 {
		sign = string(rune(s.sign))
	}
	switch verb := s.verb; {
	case verb == 'd' && !isInt:
		return sign, s.digits(strconv.FormatInt(int64(f), 10))
	case verb == '%':
		return sign, strconv.FormatFloat(f*100, 'f', s.floatPrecision(), 64) + "%"
	case verb == 0 && !isInt:
		return sign, str(f)
	case verb == 0 || verb == 'd':
		return sign, s.digits(strconv.FormatInt(n, 10))
	case strings.IndexByte("xXo", verb) >= 0:
		return s.inBase(sign, n)
	}
	body = strconv.FormatFloat(f, s.verb|0x20, s.floatPrecision(), 64)
	if s.verb&0x20 == 0 {
		body = strings.ToUpper(body)
	}
	return sign, body
}

// inBase returns the sign and the digits of an integer in the base of the verb.
func (s formatSpec) inBase(sign string, n int64) (string, string) {
	base := map[byte]int{'x': 16, 'X': 16, 'o': 8}[s.verb]
	body := strconv.FormatInt(n, base)
	if s.verb == 'X' {
		body = strings.ToUpper(body)
	}
	if s.alternate {
		sign += "0" + string(rune(s.verb))
	}
	return sign, s.digits(body)
}

// digits adds leading zeros to an integer: in the style %, a precision is its minimum number of
// digits.
func (s formatSpec) digits(body string) string {
	return strings.Repeat("0", max(0, s.precision-len(body))) + body
}

func (s formatSpec) floatPrecision() int {
	if s.precision < 0 {
		return defaultPrecision
	}
	return s.precision
}

// str returns the value as Python's str() does.
func str(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return python.FormatFloat(v)
	}
	return ""
}

// firstRunes returns the first n characters of text.
func firstRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}
