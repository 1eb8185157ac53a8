package settings

import (
	"fmt"
	"strings"
)

// Layer is a place that values come from; greater layers win.
type Layer uint8

// The layers.
const (
	Default Layer = iota
	File
	Environment
	Flag
)

// Origin is where a value came from.
type Origin struct {
	Layer Layer
	Name  string // as it was written there: TABPY_PORT, tabcell_port, --port
	File  string // with layer File
	Line  int    // with layer File, from 1; 0 for the whole file
}

// String is such as "tabpy.conf line 3", "environment".
func (o Origin) String() string {
	switch {
	case o.Layer == Flag:
		return "command line"
	case o.Layer == Environment:
		return "environment"
	case o.Layer == Default:
		return "default"
	case o.Line == 0:
		return o.File
	}
	return fmt.Sprintf("%s line %d", o.File, o.Line)
}

// Problem is something wrong with one value, or with a line of the file.
type Problem struct {
	Name   string // of the setting as it was written, or ""
	Value  string
	Origin Origin
	Text   string
}

func (p Problem) String() string {
	if p.Name == "" {
		return fmt.Sprintf("%s: %s", p.Origin, p.Text)
	}
	return fmt.Sprintf("%s = %s (%s): %s", p.Name, p.Value, p.Origin, p.Text)
}

// Problems is every problem that was found; never empty when returned as an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Effective is one setting as it is in force.
type Effective struct {
	Name   string // our own name
	Value  string
	Origin Origin
}

// Effective lists all settings in the order of the table.
func (l *Loaded) Effective() []Effective {
	all := make([]Effective, len(table))
	for i, s := range table {
		all[i] = Effective{Name: s.own, Value: s.value(&l.Settings).String(), Origin: l.origins[s.path]}
	}
	return all
}
