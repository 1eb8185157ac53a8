package pysource

import (
	"bytes"
	"slices"
	"strings"
)

// Imports returns the modules that the import statements of a script may import, if their top-level
// names are among modules. The script is a JSON string without its quotes, as Script returns it.
// "from a import b" stands for a and a.b, because b may be a module.
//
// Only statements at the beginning of a line are found, and lines inside of texts are taken for
// statements, too.
func Imports(script []byte, modules []string) (names []string) {
	for rest := script; len(rest) > 0; {
		s := statement{rest: rest}
		for _, name := range s.imports() {
			if top, _, _ := strings.Cut(name, "."); slices.Contains(modules, top) {
				names = append(names, name)
			}
		}
		_, rest, _ = bytes.Cut(rest, newline)
	}
	return names
}

var (
	newline = []byte(`\n`)
	blanks  = [][]byte{[]byte(" "), []byte(`\t`)}
	breaks  = [][]byte{newline, []byte(`\r`)}
)

// statement reads a statement at the beginning of rest.
type statement struct {
	rest     []byte
	inParens bool // line breaks separate words, too
}

// imports returns the modules that the statement may import.
func (s *statement) imports() (names []string) {
	switch s.word() {
	case "import":
		return s.list("")
	case "from":
		module := s.word()
		if s.word() != "import" {
			return nil
		}
		s.inParens = s.skip([]byte("("))
		return append([]string{module}, s.list(module+".")...)
	}
	return nil
}

// list returns the names of a list, each with a prefix, without those after "as".
func (s *statement) list(prefix string) (names []string) {
	for name := s.word(); name != ""; name = s.word() {
		names = append(names, prefix+name)
		if name = s.word(); name == "as" {
			_, name = s.word(), ""
		}
		if name != "" || !s.skip([]byte(",")) {
			break
		}
	}
	return names
}

// word returns the next word, which may contain dots, or "".
func (s *statement) word() string {
	s.skipBlanks()
	n := 0
	for n < len(s.rest) && (isWord(s.rest[n]) || s.rest[n] == '.') {
		n++
	}
	word := s.rest[:n]
	s.rest = s.rest[n:]
	return string(word)
}

// skip skips a text after blanks, and reports whether it was there.
func (s *statement) skip(text []byte) (found bool) {
	s.skipBlanks()
	s.rest, found = bytes.CutPrefix(s.rest, text)
	return found
}

func (s *statement) skipBlanks() {
	for {
		skipped := false
		for _, blank := range blanks {
			skipped = s.cut(blank) || skipped
		}
		for _, b := range breaks {
			skipped = s.inParens && s.cut(b) || skipped
		}
		if !skipped {
			return
		}
	}
}

func (s *statement) cut(text []byte) (found bool) {
	s.rest, found = bytes.CutPrefix(s.rest, text)
	return found
}
