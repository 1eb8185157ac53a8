package authn

import (
	"errors"
	"strings"
)

var errQuote = errors.New("a quote is not closed in this line")

// where a line's reader is.
const (
	fieldStart = iota
	plainField
	quotedField
	quoteInQuoted // a quote inside a quoted field: its end, or the first of two that stand for one
)

// splitFields reads a line as Python's csv module does with a space as the delimiter: a quote at the beginning of a field protects spaces, two
// quotes inside it are one, and quotes elsewhere are plain characters. An empty line has no fields.
// GAP: in Python an open quote goes on in the next line, and hides the accounts there; here it is an error.
func splitFields(line string) ([]string, error) {
	if line == "" {
		return nil, nil
	}
	var fields []string
	var field strings.Builder
	state := fieldStart
	for i := range len(line) {
		c := line[i]
		switch {
		case c == ' ' && state != quotedField:
			fields = append(fields, field.String())
			field.Reset()
			state = fieldStart
		case c == '"' && state == fieldStart:
			state = quotedField
		case c == '"' && state == quotedField:
			state = quoteInQuoted
		case c == '"' && state == quoteInQuoted:
			field.WriteByte(c)
			state = quotedField
		default:
			field.WriteByte(c)
			if state != quotedField {
				state = plainField
			}
		}
	}
	if state == quotedField {
		return nil, errQuote
	}
	return append(fields, field.String()), nil
}

// joinFields writes a line that splitFields reads as these fields.
func joinFields(fields ...string) string {
	quoted := make([]string, len(fields))
	for i, f := range fields {
		quoted[i] = f
		if f == "" || strings.ContainsAny(f, `" `) {
			quoted[i] = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
		}
	}
	return strings.Join(quoted, " ")
}
