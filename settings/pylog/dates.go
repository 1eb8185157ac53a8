package pylog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dateFormat is a format of glibc's strftime in the locale C.
type dateFormat struct {
	format string
	millis bool // append a comma and milliseconds, as Python's default does
}

// parseDateFormat checks a format. It also returns the first directive that strftime does not have,
// or "".
func parseDateFormat(format string) (d dateFormat, unknown string) {
	if format == "" {
		return dateFormat{format: "%Y-%m-%d %H:%M:%S", millis: true}, ""
	}
	for rest := format; ; {
		_, after, found := strings.Cut(rest, "%")
		if !found {
			return dateFormat{format: format}, ""
		}
		flag, letter := splitDirective(after)
		if _, known := appendDirective(nil, flag, letter, time.Time{}); !known {
			return dateFormat{format: format}, "%" + after[:min(len(after), len(flag)+1)]
		}
		rest = after[len(flag)+1:]
	}
}

// splitDirective returns the flag of glibc (- _ 0 ^, or "") and the letter after a percent sign.
// The letter is 0 if there is none.
func splitDirective(after string) (flag string, letter byte) {
	if after != "" && strings.IndexByte("-_0^", after[0]) >= 0 {
		flag = after[:1]
	}
	if len(after) > len(flag) {
		letter = after[len(flag)]
	}
	return flag, letter
}

// text formats t. It prints unknown directives unchanged.
func (d dateFormat) text(t time.Time) string {
	dst := make([]byte, 0, 32)
	for rest := d.format; rest != ""; {
		before, after, found := strings.Cut(rest, "%")
		dst = append(dst, before...)
		if !found {
			break
		}
		flag, letter := splitDirective(after)
		var known bool
		if dst, known = appendDirective(dst, flag, letter, t); !known {
			dst = append(dst, '%')
			rest = after
			continue
		}
		rest = after[len(flag)+1:]
	}
	if d.millis {
		dst = fmt.Appendf(dst, ",%03d", t.Nanosecond()/1e6)
	}
	return string(dst)
}

// Directives that are an abbreviation of other directives, a layout of the package time, or plain
// text.
var (
	compositeDirectives = map[byte]string{
		'c': "%a %b %e %H:%M:%S %Y", 'x': "%m/%d/%y", 'X': "%H:%M:%S", 'D': "%m/%d/%y", 'F': "%Y-%m-%d", 'T': "%H:%M:%S", 'R': "%H:%M",
		'r': "%I:%M:%S %p",
	}
	layoutDirectives = map[byte]string{
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'p': "PM", 'P': "pm", 'z': "-0700", 'Z': "MST",
	}
	literalDirectives = map[byte]string{'%': "%", 'n': "\n", 't': "\t"}
)

// appendDirective appends the text of a directive, and reports whether strftime has that directive.
func appendDirective(dst []byte, flag string, letter byte, t time.Time) ([]byte, bool) {
	text, known := literalDirectives[letter]
	if layout, ok := layoutDirectives[letter]; ok {
		text, known = t.Format(layout), true
	}
	if format, ok := compositeDirectives[letter]; ok {
		text, known = dateFormat{format: format}.text(t), true
	}
	if !known {
		number, width, pad := directiveNumber(letter, t)
		if width == 0 {
			return dst, false
		}
		text = padNumber(strconv.FormatInt(number, 10), width, pad, flag)
	}
	if flag == "^" {
		text = strings.ToUpper(text)
	}
	return append(dst, text...), true
}

// padNumber pads a number as the flag says: - not at all, _ with spaces, 0 with zeros.
func padNumber(digits string, width int, pad byte, flag string) string {
	switch flag {
	case "-":
		return digits
	case "_":
		pad = ' '
	case "0":
		pad = '0'
	}
	return strings.Repeat(string(rune(pad)), max(0, width-len(digits))) + digits
}

// directiveNumber returns the value of a numeric directive, its width, and its padding. The width
// is 0 if there is no such directive.
func directiveNumber(letter byte, t time.Time) (number int64, width int, pad byte) {
	zeroPadded := func(n, width int) (int64, int, byte) { return int64(n), width, '0' }
	switch letter {
	case 'd':
		return zeroPadded(t.Day(), 2)
	case 'e':
		return int64(t.Day()), 2, ' '
	case 'H':
		return zeroPadded(t.Hour(), 2)
	case 'k':
		return int64(t.Hour()), 2, ' '
	case 'I':
		return zeroPadded((t.Hour()+11)%12+1, 2)
	case 'l':
		return int64((t.Hour()+11)%12 + 1), 2, ' '
	case 'j':
		return zeroPadded(t.YearDay(), 3)
	case 'm':
		return zeroPadded(int(t.Month()), 2)
	case 'M':
		return zeroPadded(t.Minute(), 2)
	case 'S':
		return zeroPadded(t.Second(), 2)
	case 's':
		return t.Unix(), 1, '0'
	case 'u':
		return zeroPadded((int(t.Weekday())+6)%7+1, 1)
	case 'w':
		return zeroPadded(int(t.Weekday()), 1)
	case 'U':
		return zeroPadded((t.YearDay()+6-int(t.Weekday()))/7, 2)
	case 'W':
		return zeroPadded((t.YearDay()+6-(int(t.Weekday())+6)%7)/7, 2)
	case 'V':
		_, week := t.ISOWeek()
		return zeroPadded(week, 2)
	case 'G':
		year, _ := t.ISOWeek()
		return zeroPadded(year, 1)
	case 'g':
		year, _ := t.ISOWeek()
		return zeroPadded(year%100, 2)
	case 'y':
		return zeroPadded(t.Year()%100, 2)
	case 'Y':
		return zeroPadded(t.Year(), 1)
	case 'C':
		return zeroPadded(t.Year()/100, 2)
	}
	return 0, 0, 0
}
