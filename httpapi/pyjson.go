package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// JSON as Python's json module reads it (CPython 3.13, Lib/json/scanner.py): NaN and Infinity are numbers, of equal keys the last one counts, and
// what is wrong is told in its words, with line, column and position in characters. Bodies whose answer needs a look at them outside a cell come
// here; they are checked and taken apart at the outermost level only.

// pyError is what Python raises for a text: the class, and its text.
type pyError struct{ class, text string }

func (e *pyError) Error() string { return e.class + " : " + e.text }

// pyValue is a value at the outermost level.
type pyValue struct {
	kind    byte              // as the text begins: { [ " t f n, or 0 for a number
	members map[string][]byte // of an object; those that readPython was asked for
}

// pyDepth bounds how deep values nest. Python's own bound depends on its stack.
const pyDepth = 10_000

// readPython is json.loads(text.decode()). Of an object it keeps the members with these keys: all of them would take many times the memory of a
// text that has as many as fit.
func readPython(text []byte, keys ...string) (pyValue, error) {
	if at := badUTF8(text); at >= 0 {
		return pyValue{}, &pyError{"UnicodeDecodeError", "'utf-8' codec can't decode " + badBytes(text, at)}
	}
	s := &pyScanner{text: text, keys: keys}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return pyValue{}, s.wrong("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)
	}
	v, err := s.whole()
	if err != nil {
		return pyValue{}, err
	}
	return v, nil
}

type pyScanner struct {
	text  []byte
	at    int
	depth int
	keys  []string
	top   map[string][]byte // members of the outermost object with these keys
}

// wrong is a JSONDecodeError at a byte of the text.
func (s *pyScanner) wrong(what string, at int) error {
	before := s.text[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return &pyError{"JSONDecodeError", fmt.Sprintf("%s: line %d column %d (char %d)", what, line, column, utf8.RuneCount(before))}
}

func (s *pyScanner) space() {
	for s.at < len(s.text) && strings.IndexByte(" \t\n\r", s.text[s.at]) >= 0 {
		s.at++
	}
}

// next is the byte at hand; 0 at the end.
func (s *pyScanner) next() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *pyScanner) whole() (pyValue, error) {
	s.space()
	v := pyValue{kind: s.next()}
	if strings.IndexByte(`{["tfn`, v.kind) < 0 {
		v.kind = 0
	}
	if err := s.value(); err != nil {
		return v, err
	}
	s.space()
	if s.at < len(s.text) {
		return v, s.wrong("Extra data", s.at)
	}
	v.members = s.top
	return v, nil
}

func (s *pyScanner) value() error {
	if s.depth++; s.depth > pyDepth {
		what := "array"
		if s.next() == '{' {
			what = "object"
		}
		return &pyError{"RecursionError", "maximum recursion depth exceeded while decoding a JSON " + what + " from a unicode string"}
	}
	defer func() { s.depth-- }()
	switch s.next() {
	case '"':
		return s.quoted()
	case '{':
		return s.object()
	case '[':
		return s.array()
	}
	for _, word := range []string{"null", "true", "false", "NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(s.text[s.at:], []byte(word)) {
			s.at += len(word)
			return nil
		}
	}
	return s.number()
}

// number takes as much as is one: what follows is somebody else's error, as in Python.
func (s *pyScanner) number() error {
	begin := s.at
	if s.next() == '-' {
		s.at++
	}
	if s.next() == '0' {
		s.at++
	} else if s.digits() == 0 {
		s.at = begin
		return s.wrong("Expecting value", begin)
	}
	if mark := s.at; s.next() == '.' {
		if s.at++; s.digits() == 0 {
			s.at = mark
		}
	}
	if mark := s.at; s.next() == 'e' || s.next() == 'E' {
		s.at++
		if s.next() == '+' || s.next() == '-' {
			s.at++
		}
		if s.digits() == 0 {
			s.at = mark
		}
	}
	return nil
}

func (s *pyScanner) digits() int {
	begin := s.at
	for s.next() >= '0' && s.next() <= '9' {
		s.at++
	}
	return s.at - begin
}

func (s *pyScanner) array() error {
	s.at++
	s.space()
	if s.next() == ']' {
		s.at++
		return nil
	}
	for {
		if err := s.value(); err != nil {
			return err
		}
		done, err := s.comma(']', "array")
		if done || err != nil {
			return err
		}
	}
}

// comma goes to the next member; done is true when the closing bracket came instead.
func (s *pyScanner) comma(closing byte, what string) (done bool, err error) {
	s.space()
	comma := s.at
	switch s.next() {
	case closing:
		s.at++
		return true, nil
	case ',':
		s.at++
	default:
		return false, s.wrong("Expecting ',' delimiter", comma)
	}
	s.space()
	if s.next() == closing {
		return false, s.wrong("Illegal trailing comma before end of "+what, comma)
	}
	return false, nil
}

func (s *pyScanner) object() error {
	outermost := s.depth == 1
	if outermost {
		s.top = map[string][]byte{}
	}
	s.at++
	s.space()
	if s.next() == '}' {
		s.at++
		return nil
	}
	for {
		if err := s.member(outermost); err != nil {
			return err
		}
		done, err := s.comma('}', "object")
		if done || err != nil {
			return err
		}
	}
}

func (s *pyScanner) member(outermost bool) error {
	if s.next() != '"' {
		return s.wrong("Expecting property name enclosed in double quotes", s.at)
	}
	begin := s.at
	if err := s.quoted(); err != nil {
		return err
	}
	key := s.text[begin:s.at]
	s.space()
	if s.next() != ':' {
		return s.wrong("Expecting ':' delimiter", s.at)
	}
	s.at++
	s.space()
	begin = s.at
	if err := s.value(); err != nil {
		return err
	}
	if outermost {
		var name string
		if err := json.Unmarshal(key, &name); err != nil {
			return err
		}
		if slices.Contains(s.keys, name) {
			s.top[name] = s.text[begin:s.at]
		}
	}
	return nil
}

// quoted is one string in quotes.
func (s *pyScanner) quoted() error {
	begin := s.at
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return nil
		case c < 0x20:
			return s.wrong("Invalid control character at", s.at)
		case c == '\\':
			if s.at+1 == len(s.text) {
				return s.wrong("Unterminated string starting at", begin)
			}
			if err := s.escape(); err != nil {
				return err
			}
		}
	}
	return s.wrong("Unterminated string starting at", begin)
}

// escape ends at its last byte.
func (s *pyScanner) escape() error {
	backslash := s.at
	s.at++
	switch c := s.next(); {
	case c == 'u':
		digits := s.text[s.at+1 : min(len(s.text), s.at+5)]
		if len(digits) < 4 || s.at+5 >= len(s.text) || strings.Trim(string(digits), "0123456789abcdefABCDEF") != "" {
			return s.wrong("Invalid \\uXXXX escape", backslash+1)
		}
		s.at += 4
	case strings.IndexByte(`"\/bfnrt`, c) < 0:
		return s.wrong("Invalid \\escape", backslash)
	}
	return nil
}
