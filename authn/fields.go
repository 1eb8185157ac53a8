package authn

import (
	"errors"
	"strings"
)

var errQuote = errors.New("a quote is not closed on this line")

// The states of splitFields.
const (
	fieldStart = iota
	plainField
	quotedField
	quoteInQuoted // after a quote in a quoted field: the end of the field, or the first quote of two
)

// splitFields reads a line as Python's csv module does with a space as the delimiter. A field that
// begins with a quote is quoted: it may contain spaces, and two quotes in it stand for one. Quotes
// elsewhere are plain characters. An empty line has no fields.
//
// GAP: in Python an unclosed quote continues on the next line and hides the accounts there. Here it
// is an error.
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

// splitEntry is splitFields, except that it also splits a line of Apache's htpasswd, NAME:HASH, if
// the hash begins with $.
//
// GAP: TabPy refuses such a line, since it has no space.
func splitEntry(line string) ([]string, error) {
	fields, err := splitFields(line)
	if err == nil && len(fields) == 1 {
		if name, hash, _ := strings.Cut(line, ":"); strings.HasPrefix(hash, "$") {
			return []string{name, hash}, nil
		}
	}
	return fields, err
}

// joinFields returns a line that splitFields splits into these fields.
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
