package pylog

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"tabcell/settings/internal/python"
)

// formatSpec is how a value is shown: what both the style % and the style { can say.
type formatSpec struct {
	verb      byte // s d x X o b e E f F g G %; 0: what suits the value
	fill      rune
	align     byte // < > ^, or = for between sign and digits; 0: what suits the value
	sign      byte // + or a space for numbers that are not negative; 0: none
	alternate bool // 0x in front
	zero      bool // the style {: fill numbers with zeros
	width     int
	precision int  // -1: none
	truncates bool // d takes floats and cuts them, as with the style %
	asText    bool // show what str() gives
}

const (
	textVerbs  = "s"
	wholeVerbs = "dxXo"
	floatVerbs = "eEfFgG"
)

// mismatch says why a value of that type cannot be shown so; "" if it can.
func (s formatSpec) mismatch(v any) string {
	fits := textVerbs
	_, isText := v.(string)
	switch v.(type) {
	case int64:
		fits = wholeVerbs + floatVerbs
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
		return "asks for a kind of value that this field is not"
	case isText && (s.align == '=' || s.sign != 0 || s.alternate) && !s.truncates:
		return "has a format that is not for text"
	case s.verb == 0 && s.precision >= 0 && !isText:
		return "has a format that has no counterpart here"
	case !s.truncates && s.precision >= 0 && strings.ContainsRune(wholeVerbs, rune(s.verb)) && s.verb != 0:
		return "has a precision, which is not for whole numbers"
	case s.alternate && strings.ContainsRune(floatVerbs, rune(s.verb)) && s.verb != 0:
		return "has a format that has no counterpart here"
	}
	return ""
}

// append writes a value that fits.
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

// pad brings sign and body to the width, at the side that the specification or else the kind of value says.
func (s formatSpec) pad(dst []byte, sign, body string, side byte) []byte {
	fill, align := s.fill, s.align
	if s.zero && align == 0 {
		fill, align = '0', '='
		if side == '<' {
			align = '<'
		}
	} else if s.zero && fill == ' ' {
		fill = '0'
	}
	if align == 0 {
		align = side
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

func appendFill(dst []byte, fill rune, n int) []byte {
	for range n {
		dst = utf8.AppendRune(dst, fill)
	}
	return dst
}

// number is a number's sign, with the base behind it, and its digits.
func (s formatSpec) number(v any) (sign, body string) {
	whole, isWhole := v.(int64)
	f, _ := toFloat(v)
	if f < 0 {
		sign, f, whole = "-", -f, -whole
	} else if s.sign != 0 {
		sign = string(rune(s.sign))
	}
	switch verb := s.verb; {
	case verb == 'd' && !isWhole:
		return sign, s.digits(strconv.FormatInt(int64(f), 10))
	case verb == '%':
		return sign, strconv.FormatFloat(f*100, 'f', orSix(s.precision), 64) + "%"
	case verb == 0 && !isWhole:
		return sign, str(f)
	case verb == 0 || verb == 'd':
		return sign, s.digits(strconv.FormatInt(whole, 10))
	case strings.IndexByte("xXo", verb) >= 0:
		return s.inBase(sign, whole)
	}
	body = strconv.FormatFloat(f, s.verb|0x20, orSix(s.precision), 64)
	if s.verb&0x20 == 0 {
		body = strings.ToUpper(body)
	}
	return sign, body
}

func (s formatSpec) inBase(sign string, whole int64) (string, string) {
	base := map[byte]int{'x': 16, 'X': 16, 'o': 8}[s.verb]
	body := strconv.FormatInt(whole, base)
	if s.verb == 'X' {
		body = strings.ToUpper(body)
	}
	if s.alternate {
		sign += "0" + string(rune(s.verb))
	}
	return sign, s.digits(body)
}

// digits brings whole numbers to the least number of digits that a precision means with the style %.
func (s formatSpec) digits(body string) string {
	return strings.Repeat("0", max(0, s.precision-len(body))) + body
}

func orSix(precision int) int {
	if precision < 0 {
		return 6
	}
	return precision
}

// str is str() of a value.
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

func firstRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}
