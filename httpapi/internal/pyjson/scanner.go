package pyjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

type scanner struct {
	text    []byte
	pos     int
	depth   int
	wanted  []string
	members map[string][]byte // the wanted members of the outermost object
}

// errorAt returns a JSONDecodeError for the byte offset at.
func (s *scanner) errorAt(message string, at int) error {
	before := s.text[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return &Error{"JSONDecodeError", fmt.Sprintf("%s: line %d column %d (char %d)", message, line, column, utf8.RuneCount(before))}
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) && strings.IndexByte(" \t\n\r", s.text[s.pos]) >= 0 {
		s.pos++
	}
}

// peek returns the next byte, or 0 at the end of the text.
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
		container := "array"
		if s.peek() == '{' {
			container = "object"
		}
		return &Error{"RecursionError", "maximum recursion depth exceeded while decoding a JSON " + container + " from a unicode string"}
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

// number scans the longest prefix that is a number. The caller reports anything that follows, as in
// Python.
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

// separator scans the comma before the next element. If it finds the closing bracket instead, done
// is true.
func (s *scanner) separator(closing byte, container string) (done bool, err error) {
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
		return false, s.errorAt("Illegal trailing comma before end of "+container, comma)
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

// str scans a quoted string.
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

// escape scans an escape sequence and stops at its last byte.
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
