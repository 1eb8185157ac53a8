// Package pyjson reads and writes JSON as the json module of CPython 3.13 does.
package pyjson

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
type Error struct{ Class, Text string }

func (e *Error) Error() string { return e.Class + " : " + e.Text }

// pyValue is a value at the outermost level.
type Value struct {
	Kind    byte              // as the text begins: { [ " t f n, or 0 for a number
	Members map[string][]byte // of an object; those that readPython was asked for
}

// pythonTypes are the names of what is no object, by how its text begins.
var typeNames = map[byte]string{'n': "NoneType", 't': "bool", 'f': "bool", '[': "list", '"': "str"}

func (v Value) TypeName() string {
	if name, ok := typeNames[v.Kind]; ok {
		return name
	}
	return "int"
}

// pyDepth bounds how deep values nest. Python's own bound depends on its stack.
const maxDepth = 10_000

// readPython is json.loads(text.decode()). Of an object it keeps the members with these keys: all of them would take many times the memory of a
// text that has as many as fit.
func Parse(text []byte, keys ...string) (Value, error) {
	if at := invalidUTF8(text); at >= 0 {
		return Value{}, &Error{"UnicodeDecodeError", "'utf-8' codec can't decode " + describeInvalidUTF8(text, at)}
	}
	s := &scanner{text: text, wanted: keys}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return Value{}, s.errorAt("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)
	}
	v, err := s.document()
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

type scanner struct {
	text    []byte
	pos     int
	depth   int
	wanted  []string
	members map[string][]byte // members of the outermost object with these keys
}

// wrong is a JSONDecodeError at a byte of the text.
func (s *scanner) errorAt(what string, at int) error {
	before := s.text[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return &Error{"JSONDecodeError", fmt.Sprintf("%s: line %d column %d (char %d)", what, line, column, utf8.RuneCount(before))}
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) && strings.IndexByte(" \t\n\r", s.text[s.pos]) >= 0 {
		s.pos++
	}
}

// next is the byte at hand; 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) document() (Value, error) {
	s.skipSpace()
	v := Value{Kind: s.peek()}
	if strings.IndexByte(`{["tfn`, v.Kind) < 0 {
		v.Kind = 0
	}
	if err := s.value(); err != nil {
		return v, err
	}
	s.skipSpace()
	if s.pos < len(s.text) {
		return v, s.errorAt("Extra data", s.pos)
	}
	v.Members = s.members
	return v, nil
}

func (s *scanner) value() error {
	if s.depth++; s.depth > maxDepth {
		what := "array"
		if s.peek() == '{' {
			what = "object"
		}
		return &Error{"RecursionError", "maximum recursion depth exceeded while decoding a JSON " + what + " from a unicode string"}
	}
	defer func() { s.depth-- }()
	switch s.peek() {
	case '"':
		return s.str()
	case '{':
		return s.object()
	case '[':
		return s.array()
	}
	for _, word := range []string{"null", "true", "false", "NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(s.text[s.pos:], []byte(word)) {
			s.pos += len(word)
			return nil
		}
	}
	return s.number()
}

// number takes as much as is one: what follows is somebody else's error, as in Python.
func (s *scanner) number() error {
	begin := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if s.digits() == 0 {
		s.pos = begin
		return s.errorAt("Expecting value", begin)
	}
	if mark := s.pos; s.peek() == '.' {
		if s.pos++; s.digits() == 0 {
			s.pos = mark
		}
	}
	if mark := s.pos; s.peek() == 'e' || s.peek() == 'E' {
		s.pos++
		if s.peek() == '+' || s.peek() == '-' {
			s.pos++
		}
		if s.digits() == 0 {
			s.pos = mark
		}
	}
	return nil
}

func (s *scanner) digits() int {
	begin := s.pos
	for s.peek() >= '0' && s.peek() <= '9' {
		s.pos++
	}
	return s.pos - begin
}

func (s *scanner) array() error {
	s.pos++
	s.skipSpace()
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for {
		if err := s.value(); err != nil {
			return err
		}
		done, err := s.separator(']', "array")
		if done || err != nil {
			return err
		}
	}
}

// comma goes to the next member; done is true when the closing bracket came instead.
func (s *scanner) separator(closing byte, what string) (done bool, err error) {
	s.skipSpace()
	comma := s.pos
	switch s.peek() {
	case closing:
		s.pos++
		return true, nil
	case ',':
		s.pos++
	default:
		return false, s.errorAt("Expecting ',' delimiter", comma)
	}
	s.skipSpace()
	if s.peek() == closing {
		return false, s.errorAt("Illegal trailing comma before end of "+what, comma)
	}
	return false, nil
}

func (s *scanner) object() error {
	outermost := s.depth == 1
	if outermost {
		s.members = map[string][]byte{}
	}
	s.pos++
	s.skipSpace()
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	for {
		if err := s.member(outermost); err != nil {
			return err
		}
		done, err := s.separator('}', "object")
		if done || err != nil {
			return err
		}
	}
}

func (s *scanner) member(outermost bool) error {
	if s.peek() != '"' {
		return s.errorAt("Expecting property name enclosed in double quotes", s.pos)
	}
	begin := s.pos
	if err := s.str(); err != nil {
		return err
	}
	key := s.text[begin:s.pos]
	s.skipSpace()
	if s.peek() != ':' {
		return s.errorAt("Expecting ':' delimiter", s.pos)
	}
	s.pos++
	s.skipSpace()
	begin = s.pos
	if err := s.value(); err != nil {
		return err
	}
	if outermost {
		var name string
		if err := json.Unmarshal(key, &name); err != nil {
			return err
		}
		if slices.Contains(s.wanted, name) {
			s.members[name] = s.text[begin:s.pos]
		}
	}
	return nil
}

// quoted is one string in quotes.
func (s *scanner) str() error {
	begin := s.pos
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return nil
		case c < 0x20:
			return s.errorAt("Invalid control character at", s.pos)
		case c == '\\':
			if s.pos+1 == len(s.text) {
				return s.errorAt("Unterminated string starting at", begin)
			}
			if err := s.escape(); err != nil {
				return err
			}
		}
	}
	return s.errorAt("Unterminated string starting at", begin)
}

// escape ends at its last byte.
func (s *scanner) escape() error {
	backslash := s.pos
	s.pos++
	switch c := s.peek(); {
	case c == 'u':
		digits := s.text[s.pos+1 : min(len(s.text), s.pos+5)]
		if len(digits) < 4 || s.pos+5 >= len(s.text) || strings.Trim(string(digits), "0123456789abcdefABCDEF") != "" {
			return s.errorAt("Invalid \\uXXXX escape", backslash+1)
		}
		s.pos += 4
	case strings.IndexByte(`"\/bfnrt`, c) < 0:
		return s.errorAt("Invalid \\escape", backslash)
	}
	return nil
}
