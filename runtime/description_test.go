package runtime

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostileNames are not names of parameters, although a model that controls its guest can report
// them.
var hostileNames = []string{"", "1x", "a b", "x=1", "x'", `x"`, "x\n", "x]", "-x", "x-y", "a.b", "{x}", "x,y", "\u202ex", "x\u200b", "$x", "\xff", "x\xff", "x\x00", "é ", "x;"}

func TestIsIdentifier(t *testing.T) {
	for _, name := range []string{"x", "_", "_arg1", "X9", "é", "größe", "变量", "ª", "ℼ", "x·y", "xñ", "implicit0", "Ⅷ"} {
		if !isIdentifier(name) {
			t.Errorf("%q is an identifier in Python", name)
		}
	}
	for _, name := range hostileNames {
		if isIdentifier(name) {
			t.Errorf("%q is not an identifier", name)
		}
	}
}

func TestHostileDescriptions(t *testing.T) {
	good := Parameter{Name: "x", Kind: parameterKinds[0]}
	refused := map[string]ModelInfo{
		"kind":       {Parameters: []Parameter{{Name: "x", Kind: "<script>"}}},
		"no kind":    {Parameters: []Parameter{{Name: "x"}}},
		"long name":  {Parameters: []Parameter{{Name: strings.Repeat("x", maxParameterName+1), Kind: good.Kind}}},
		"parameters": {Parameters: make([]Parameter, maxParameters+1)},
	}
	for _, name := range hostileNames {
		refused["name "+name] = ModelInfo{Parameters: []Parameter{good, {Name: name, Kind: good.Kind}}}
	}
	for name, info := range refused {
		got, err := info.bounded()
		if fault, ok := errors.AsType[*ModelError](err); !ok || len(fault.Text) > 2000 || !reflect.DeepEqual(got, ModelInfo{}) {
			t.Errorf("%q: %+v, error %v, want a ModelError", name, got, err)
		}
	}
}

func TestBoundedDescription(t *testing.T) {
	long := strings.Repeat("é\x1b[31m\u202e", 1<<16)
	info := ModelInfo{Function: long, Docstring: "a\n\tb\x1b" + long, Signature: long}
	for range maxParameters {
		info.Parameters = append(info.Parameters, Parameter{Name: "x", Kind: parameterKinds[1], Default: long, Annotation: long})
	}
	got, err := info.bounded()
	if err != nil {
		t.Fatal(err)
	}
	checkBounds(t, got)
	if !strings.HasPrefix(got.Docstring, "a\n\tb [31m") && !strings.HasPrefix(got.Docstring, "a\n\tb é") || !strings.HasSuffix(got.Docstring, "...") {
		t.Errorf("docstring %.30q", got.Docstring)
	}
	same := ModelInfo{Function: "f", Docstring: "Adds.\n\n\tx", Signature: "(x, y=2)", Parameters: []Parameter{{Name: "x", Kind: "keyword-only", Default: "2", Annotation: "int"}}}
	if got, err := same.bounded(); err != nil || !reflect.DeepEqual(got, same) {
		t.Errorf("an ordinary description was changed to %+v, %v", got, err)
	}
}

// checkBounds fails the test if a description exceeds its bounds or has control characters.
func checkBounds(t *testing.T, i ModelInfo) {
	t.Helper()
	texts := 0
	for _, p := range i.Parameters {
		texts += len(p.Default) + len(p.Annotation)
		if len(p.Default) > maxSignature || len(p.Annotation) > maxSignature || !isIdentifier(p.Name) {
			t.Fatalf("parameter %.100q: default of %d bytes, annotation of %d", p.Name, len(p.Default), len(p.Annotation))
		}
	}
	if len(i.Function) > maxSignature || len(i.Docstring) > maxDocstring || len(i.Signature) > maxSignature || texts > maxParameterTexts {
		t.Errorf("function %d, docstring %d, signature %d, parameters %d bytes", len(i.Function), len(i.Docstring), len(i.Signature), texts)
	}
	if strings.ContainsFunc(i.Function+i.Signature, unicode.IsControl) || strings.ContainsAny(i.Docstring, "\x1b\x00\r\u202e") || !utf8.ValidString(i.Docstring) {
		t.Errorf("the description has control characters: %.200q", i.Docstring)
	}
}

func TestBoundedModelError(t *testing.T) {
	long := strings.Repeat("é", 1<<19)
	got := (&ModelError{long, long, -1, long}).bounded()
	if got.Line != 0 || len(got.Class) > maxSignature || len(got.Text) > maxErrorText || len(got.Traceback) > maxErrorText || !utf8.ValidString(got.Text) {
		t.Errorf("class %d, text %d, traceback %d bytes", len(got.Class), len(got.Text), len(got.Traceback))
	}
}

func FuzzDescription(f *testing.F) {
	f.Add([]byte(`{"function": "f", "docstring": "d\u202e", "signature": "(x)", "parameters": [{"name": "x", "kind": "keyword-only", "default": "1"}]}`))
	f.Add([]byte(`{"parameters": [{"name": "x y", "kind": ""}]}`))
	f.Fuzz(func(t *testing.T, reply []byte) {
		var info ModelInfo
		if json.Unmarshal(reply, &info) != nil {
			return
		}
		if got, err := info.bounded(); err == nil {
			checkBounds(t, got)
		}
	})
}
