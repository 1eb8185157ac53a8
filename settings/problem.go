package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Problem is something wrong with one value or one line of the file. Print it with String, which
// redacts secrets.
type Problem struct {
	Name     string // of the setting as it is written, or ""
	Value    string
	Redacted bool // print *** in place of the value
	Origin   Origin
	Text     string // what is wrong, and what to do
	Warning  bool   // the server starts nevertheless
}

// String returns the problem as one line.
func (p Problem) String() string {
	value := p.Value
	switch {
	case p.Name == "":
		return redact(fmt.Sprintf("%s: %s", p.Origin, p.Text))
	case p.Redacted:
		value = "***"
	}
	return redact(fmt.Sprintf("%s = %s (%s): %s", p.Name, value, p.Origin, p.Text))
}

// Problems is a list of problems. As an error it is never empty.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
		if problem.Warning {
			lines[i] = "warning: " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

var (
	userOfURL  = regexp.MustCompile(`(://)[^/?#\s]*@`)
	queryOfURL = regexp.MustCompile(`(://[^?#\s]*\?)[^#\s]+`)
)

// redact hides the user and the query of each URL in text, and writes control characters in Go's
// notation, so that a value can neither imitate another line nor move the cursor.
func redact(text string) string {
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

// Effective is the value of one setting in the merged configuration.
type Effective struct {
	Name   string // begins with TABCELL_
	TabPy  string // TabPy's name, or ""
	Value  string // redacted
	Origin Origin

	Default string // in words, if it depends on the machine
	Help    string // one line
	Restart bool   // whether a change takes effect only after a restart
}

// Effective returns all settings in the order of the table.
func (l *Loaded) Effective() []Effective {
	all := make([]Effective, len(table))
	for i, s := range table {
		all[i] = Effective{
			Name: s.own, TabPy: s.tabpy, Value: redact(s.value(&l.Settings).String()), Origin: l.origins[s.path],
			Default: s.defaultText(), Help: s.help, Restart: !changesAtRunTime(s.path, l.Settings, l.Settings),
		}
	}
	return all
}
