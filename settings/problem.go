package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Problem is something wrong with one value, or with a line of the file. It is printed with String, which keeps secrets.
type Problem struct {
	Name     string // of the setting as it was written, or ""
	Value    string
	Redacted bool // the value is not shown
	Origin   Origin
	Text     string // what is wrong, and what to do
	Warning  bool   // the server starts all the same
}

// String is one line.
func (p Problem) String() string {
	value := p.Value
	switch {
	case p.Name == "":
		return shown(fmt.Sprintf("%s: %s", p.Origin, p.Text))
	case p.Redacted:
		value = "***"
	}
	return shown(fmt.Sprintf("%s = %s (%s): %s", p.Name, value, p.Origin, p.Text))
}

// Problems is every problem that was found; never empty when returned as an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
		if one.Warning {
			lines[i] = "warning: " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

var (
	userOfURL  = regexp.MustCompile(`(://)[^/?#\s]*@`)
	queryOfURL = regexp.MustCompile(`(://[^?#\s]*\?)[^#\s]+`)
)

// shown is text as people may see it: an address keeps its user and its query to itself, and control characters come in Go's notation,
// so that a value can neither look like another line nor move the cursor.
func shown(text string) string {
	text = userOfURL.ReplaceAllString(text, "$1***@")
	text = queryOfURL.ReplaceAllString(text, "$1***")
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Effective is one setting as it is in force.
type Effective struct {
	Name   string // our own name
	TabPy  string // TabPy's name, or ""
	Value  string // as it may be shown
	Origin Origin
}

// Effective lists all settings in the order of the table.
func (l *Loaded) Effective() []Effective {
	all := make([]Effective, len(table))
	for i, s := range table {
		all[i] = Effective{Name: s.own, TabPy: s.tabpy, Value: shown(s.value(&l.Settings).String()), Origin: l.origins[s.path]}
	}
	return all
}
