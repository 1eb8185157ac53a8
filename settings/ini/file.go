package ini

import (
	"fmt"
	"strings"
)

// Default is the section whose options stand in for those that another section lacks.
const Default = "DEFAULT"

// File is a parsed file, in the order of its lines.
type File struct {
	Sections []*Section
	byName   map[string]*Section
	dialect  Dialect
}

// Section is one section; several headers [DEFAULT] make one.
type Section struct {
	Name    string
	Line    int // of its header, from 1
	Options []*Option
	byName  map[string]*Option
}

// Option is one option as the file has it, before interpolation.
type Option struct {
	Name  string
	Value string // continuation lines joined by line feeds
	Line  int    // where it begins, from 1
	Bare  bool   // a name without = or :, where the dialect allows that
	lines []string
}

// Section returns the section of that name, nil if the file has none.
func (f *File) Section(name string) *Section { return f.byName[name] }

// Option returns the option of that name, nil if the section has none. The name is compared as the dialect stores it. It may
// be asked of a nil section.
func (s *Section) Option(name string) *Option {
	if s == nil {
		return nil
	}
	return s.byName[name]
}

// All are the options in the order of their lines. It may be asked of a nil section.
func (s *Section) All() []*Option {
	if s == nil {
		return nil
	}
	return s.Options
}

// Error is one thing wrong with a file.
type Error struct {
	Line int // from 1
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Errors is everything wrong with a file, in the order of its lines; never empty when returned as an error.
type Errors []*Error

func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}
