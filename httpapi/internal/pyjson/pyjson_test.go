package pyjson

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The expected errors are those of CPython 3.13.
func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{" ", "JSONDecodeError : Expecting value: line 1 column 2 (char 1)"},
		{"x", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"{", "JSONDecodeError : Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
		{"{\"a\"", "JSONDecodeError : Expecting ':' delimiter: line 1 column 5 (char 4)"},
		{"{\"a\":", "JSONDecodeError : Expecting value: line 1 column 6 (char 5)"},
		{"{\"a\":1", "JSONDecodeError : Expecting ',' delimiter: line 1 column 7 (char 6)"},
		{"{\"a\":1,", "JSONDecodeError : Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"},
		{"{\"a\":1,}", "JSONDecodeError : Illegal trailing comma before end of object: line 1 column 7 (char 6)"},
		{"[1,]", "JSONDecodeError : Illegal trailing comma before end of array: line 1 column 3 (char 2)"},
		{"[1 2]", "JSONDecodeError : Expecting ',' delimiter: line 1 column 4 (char 3)"},
		{"[", "JSONDecodeError : Expecting value: line 1 column 2 (char 1)"},
		{"[1", "JSONDecodeError : Expecting ',' delimiter: line 1 column 3 (char 2)"},
		{"\"abc", "JSONDecodeError : Unterminated string starting at: line 1 column 1 (char 0)"},
		{"\"a\\", "JSONDecodeError : Unterminated string starting at: line 1 column 1 (char 0)"},
		{"\"a\\x\"", "JSONDecodeError : Invalid \\escape: line 1 column 3 (char 2)"},
		{"\"a\\u12\"", "JSONDecodeError : Invalid \\uXXXX escape: line 1 column 4 (char 3)"},
		{"\"a\\u12", "JSONDecodeError : Invalid \\uXXXX escape: line 1 column 4 (char 3)"},
		{"\"\\ud83d\"", "ok"},
		{"01", "JSONDecodeError : Extra data: line 1 column 2 (char 1)"},
		{"1.", "JSONDecodeError : Extra data: line 1 column 2 (char 1)"},
		{"-", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"1e", "JSONDecodeError : Extra data: line 1 column 2 (char 1)"},
		{"NaN", "ok"},
		{"-Infinity", "ok"},
		{"{\"a\":NaN}x", "JSONDecodeError : Extra data: line 1 column 10 (char 9)"},
		{"\"a\tb\"", "JSONDecodeError : Invalid control character at: line 1 column 3 (char 2)"},
		{"{\"é\":x}", "JSONDecodeError : Expecting value: line 1 column 6 (char 5)"},
		{"{\n \"é\": \"ü\", \n y}", "JSONDecodeError : Expecting property name enclosed in double quotes: line 3 column 2 (char 15)"},
		{"nul", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"{1:2}", "JSONDecodeError : Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
		{"\"\\u1234\"", "ok"},
		{"\"\\u1234", "JSONDecodeError : Invalid \\uXXXX escape: line 1 column 3 (char 2)"},
		{"\"\\u123g\"", "JSONDecodeError : Invalid \\uXXXX escape: line 1 column 3 (char 2)"},
		{"{\"a\":1 \"b\":2}", "JSONDecodeError : Expecting ',' delimiter: line 1 column 8 (char 7)"},
		{"{,}", "JSONDecodeError : Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
		{"[,1]", "JSONDecodeError : Expecting value: line 1 column 2 (char 1)"},
		{"1 1", "JSONDecodeError : Extra data: line 1 column 3 (char 2)"},
		{"\ufeff{}", "JSONDecodeError : Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"},
		{"[1.5e+3,-0,0.0E1]", "ok"},
		{"{\"a\" 1}", "JSONDecodeError : Expecting ':' delimiter: line 1 column 6 (char 5)"},
		{"{\"a\":1,\"b\"}", "JSONDecodeError : Expecting ':' delimiter: line 1 column 11 (char 10)"},
		{"[[]", "JSONDecodeError : Expecting ',' delimiter: line 1 column 4 (char 3)"},
		{"{}\u0000", "JSONDecodeError : Extra data: line 1 column 3 (char 2)"},
		{"\"\x7f\"", "ok"},
		{"'a'", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"\u00a01", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"[1,\n2,\n x]", "JSONDecodeError : Expecting value: line 3 column 2 (char 8)"},
		{"-x", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"-0", "ok"},
		{"0x10", "JSONDecodeError : Extra data: line 1 column 2 (char 1)"},
		{"Inf", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"{\"a\":{\"b\":[1,2,{}]}, \"c\":tru}", "JSONDecodeError : Expecting value: line 1 column 26 (char 25)"},
		{"\xff", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"},
		{"[\x22\xe9\x22]", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xe9 in position 2: invalid continuation byte"},
		{"\xe2\x82", "UnicodeDecodeError : 'utf-8' codec can't decode bytes in position 0-1: unexpected end of data"},
		{"\x22\xe2\x82\x22", "UnicodeDecodeError : 'utf-8' codec can't decode bytes in position 1-2: invalid continuation byte"},
		{"\x80", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0x80 in position 0: invalid start byte"},
		{"\xc0\x80", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xc0 in position 0: invalid start byte"},
		{"\xe0\x80\x80", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xe0 in position 0: invalid continuation byte"},
		{"\xed\xa0\x80", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte"},
		{"\xf0\x9f\x98", "UnicodeDecodeError : 'utf-8' codec can't decode bytes in position 0-2: unexpected end of data"},
		{"a\xf4\x90\x80\x80", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xf4 in position 1: invalid continuation byte"},
		{"\xf5", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xf5 in position 0: invalid start byte"},
		{"\xc3", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xc3 in position 0: unexpected end of data"},
		{"\x22\xf0\x9f\x98\x22", "UnicodeDecodeError : 'utf-8' codec can't decode bytes in position 1-3: invalid continuation byte"},
		{"\xf0\x80", "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xf0 in position 0: invalid continuation byte"},
		{strings.Repeat(`{"a":`, 100_000), "RecursionError : maximum recursion depth exceeded while decoding a JSON object from a unicode string"},
		{strings.Repeat("[", 100_000), "RecursionError : maximum recursion depth exceeded while decoding a JSON array from a unicode string"},
	} {
		got := "ok"
		if _, err := Parse([]byte(c.text)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("Parse(%.40q) = %s, want %s", c.text, got, c.want)
		}
	}
}

func TestParseMembers(t *testing.T) {
	v, err := Parse([]byte(` {"a": 1, "b": {"c": NaN, "a": 9}, "a": [2,3], "\u00e9": "x", "c": 1} `), "a", "b", "é")
	if err != nil || v.Kind != '{' {
		t.Fatal(v, err)
	}
	if got := slices.Sorted(maps.Keys(v.Members)); !slices.Equal(got, []string{"a", "b", "é"}) || string(v.Members["a"]) != "[2,3]" || string(v.Members["b"]) != `{"c": NaN, "a": 9}` {
		t.Errorf("members %q", v.Members)
	}
	for text, kind := range map[string]byte{"[1]": '[', `"x"`: '"', "null": 'n', "5": 0, "NaN": 0, "true": 't', "{}": '{'} {
		if v, err := Parse([]byte(text)); err != nil || v.Kind != kind {
			t.Errorf("Parse(%s) returned kind %q, error %v; want kind %q", text, v.Kind, err, kind)
		}
	}
}

// A text with many members must not need several times its own memory.
func TestParseKeepsWantedMembersOnly(t *testing.T) {
	text := []byte("{" + strings.Repeat(`"data":0,"":1,"x":2,`, 1000) + `"y":3}`)
	v, err := Parse(text, "data", "absent")
	if err != nil || len(v.Members) != 1 || string(v.Members["data"]) != "0" {
		t.Errorf("members %q, error %v", v.Members, err)
	}
}

// Parse must accept any text that encoding/json accepts. A text that only Parse accepts must
// contain one of Python's extra literals.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a": [1, 2.5e-3, "\u00e9\n"], "b": null}`, "[NaN, -Infinity]", `"\ud800"`, "[1,]", "\ufeff1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Parse(text, "", "a", "b")
		valid := json.Valid(text) && invalidUTF8(text) < 0
		if valid && err != nil && !strings.HasPrefix(err.Error(), "RecursionError") {
			t.Fatalf("%q: %v", text, err)
		}
		if !valid && err == nil && !strings.Contains(string(text), "NaN") && !strings.Contains(string(text), "Infinity") {
			t.Fatalf("Parse accepted %q, which encoding/json rejects", text)
		}
		for name, raw := range v.Members {
			if _, err := Parse(raw); err != nil {
				t.Fatalf("member %q: %q: %v", name, raw, err)
			}
		}
	})
}
