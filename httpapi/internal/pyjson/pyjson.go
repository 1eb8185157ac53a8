// Package pyjson reads and writes JSON as the json module of CPython 3.13 does (Lib/json/scanner.py
// and encoder.py).
//
// Parse accepts NaN and Infinity, keeps the last of several equal keys, and reports errors in
// Python's words, with line, column and position counted in characters. It serves request bodies
// that have to be inspected outside a cell: it checks the whole text but extracts only members of
// the outermost object.
//
// Marshal writes ASCII with Python's separators.
package pyjson

import "bytes"

// Error is the exception that Python raises for a text.
type Error struct{ Class, Text string }

func (e *Error) Error() string { return e.Class + " : " + e.Text }

// Value is the outermost value of a text.
type Value struct {
	Kind    byte              // the first byte of the text: { [ " t f n, or 0 for a number
	Members map[string][]byte // the requested members of an object, as JSON texts
}

// typeNames maps the kind of a value, other than an object or a number, to the name of its Python
// type.
var typeNames = map[byte]string{'n': "NoneType", 't': "bool", 'f': "bool", '[': "list", '"': "str"}

// TypeName returns the name of the Python type of a value that is not an object. All numbers are
// "int".
func (v Value) TypeName() string {
	if name, ok := typeNames[v.Kind]; ok {
		return name
	}
	return "int"
}

// maxDepth limits the nesting of values. Python's limit depends on its stack.
const maxDepth = 10_000

// Parse parses text like json.loads(text.decode()). If text is an object, it keeps only the members
// with the given keys: keeping all members of a text with very many of them would take several
// times the memory of the text. Any error is an *Error.
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
