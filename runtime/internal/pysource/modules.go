package pysource

import "bytes"

// Imports returns the modules that the import statements of a script may import, if their top-level
// names are among modules. The script is a JSON string without its quotes, as Script returns it.
// "from a import b" stands for a and a.b, because b may be a module.
//
// Only statements at the beginning of a line are found, and lines inside of texts are taken for
// statements, too.
func Imports(script []byte, modules map[string]bool) (names []string) {
	for rest := script; len(rest) > 0; {
		line, next, _ := bytes.Cut(rest, newline)
		if bytes.Contains(line, importWords[0]) {
			s := statement{rest: rest, modules: modules}
			names = s.appendImports(names)
		}
		rest = next
	}
	return names
}

var newline = []byte(`\n`)

// statement reads a statement at the beginning of rest.
type statement struct {
	rest     []byte
	inParens bool // line breaks separate words, too
	modules  map[string]bool
}

// appendImports appends the modules that the statement may import.
func (s *statement) appendImports(names []string) []string {
	switch string(s.word()) {
	case "import":
		return s.appendList(names, "")
	case "from":
		module := s.word()
		if !s.isWanted(module) || string(s.word()) != "import" {
			return names
		}
		s.inParens = s.skip('(')
		return s.appendList(append(names, string(module)), string(module)+".")
	}
	return names
}

// appendList appends the names of a list, each with a prefix, without those after "as". If there is
// no prefix, it appends only wanted modules.
func (s *statement) appendList(names []string, prefix string) []string {
	for name := s.word(); len(name) > 0; name = s.word() {
		if prefix != "" || s.isWanted(name) {
			names = append(names, prefix+string(name))
		}
		if as := s.word(); string(as) == "as" {
			s.word()
		} else if len(as) > 0 {
			break
		}
		if !s.skip(',') {
			break
		}
	}
	return names
}

// isWanted reports whether the first part of a name is one of the modules.
func (s *statement) isWanted(name []byte) bool {
	top, _, _ := bytes.Cut(name, []byte("."))
	return s.modules[string(top)]
}

// word returns the next word, which may contain dots, or nothing.
func (s *statement) word() []byte {
	s.skipBlanks()
	n := 0
	for n < len(s.rest) && (isWord(s.rest[n]) || s.rest[n] == '.') {
		n++
	}
	word := s.rest[:n]
	s.rest = s.rest[n:]
	return word
}

// skip skips a character after blanks, and reports whether it was there.
func (s *statement) skip(c byte) bool {
	s.skipBlanks()
	found := len(s.rest) > 0 && s.rest[0] == c
	if found {
		s.rest = s.rest[1:]
	}
	return found
}

// skipBlanks skips spaces and escaped tabs, and in parentheses escaped line breaks.
func (s *statement) skipBlanks() {
	for len(s.rest) > 0 {
		switch {
		case s.rest[0] == ' ':
			s.rest = s.rest[1:]
		case s.rest[0] == '\\' && len(s.rest) > 1 && (s.rest[1] == 't' || s.inParens && (s.rest[1] == 'n' || s.rest[1] == 'r')):
			s.rest = s.rest[2:]
		default:
			return
		}
	}
}
