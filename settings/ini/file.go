package ini

import (
	"fmt"
	"strings"
)

// Default is the section whose options apply to every section that does not have them.
const Default = "DEFAULT"

// File is a parsed file. Its sections are in the order of their first lines.
type File struct {
	Sections []*Section
	byName   map[string]*Section
	dialect  Dialect
}

// Section is one section. Several headers [DEFAULT] are the same section.
type Section struct {
	Name    string
	Line    int // of its first header, from 1
	Options []*Option
	byName  map[string]*Option
}

// Option is one option, before interpolation.
type Option struct {
	Name    string
	Value   string // with a line feed before each continuation
	Line    int    // its first line, from 1
	NoValue bool   // a name without a separator, if the dialect allows that
	lines   []string
}

// Section returns the section of that name, or nil if the file does not have it.
func (f *File) Section(name string) *Section { return f.byName[name] }

// Option returns the option of that name, or nil if s is nil or does not have it. In a dialect that
// is not case-sensitive, name must be in lower case.
func (s *Section) Option(name string) *Option {
	if s == nil {
		return nil
	}
	return s.byName[name]
}

// All returns the options in the order of their lines. It returns nil if s is nil.
func (s *Section) All() []*Option {
	if s == nil {
		return nil
	}
	return s.Options
}

// Error is one error in a file.
type Error struct {
	Line int // from 1
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Errors is a list of errors in the order of their lines. As an error it is never empty.
type Errors []*Error

func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}
