package runtime

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a model's description of itself, in bytes. The guest has bounds as well, but a model
// can change the guest's memory.
const (
	maxDocstring      = 32 << 10
	maxSignature      = 4 << 10 // also of a function's name, a default and an annotation
	maxParameterName  = 255
	maxParameters     = 256
	maxParameterTexts = 64 << 10 // all defaults and annotations together
	maxErrorText      = 65 << 10 // of each text of a ModelError; the guest cuts after 64 KiB and adds the length
)

// parameterKinds are the kinds of parameters, by the names that Python's inspect has for them.
var parameterKinds = []string{"positional-only", "positional or keyword", "variadic positional", "keyword-only", "variadic keyword"}

// bounded returns the description with its texts cut to their bounds and without control
// characters. It returns a *ModelError for parameters that no Python function has: their names are
// used in examples for users, and must not be able to imitate code.
func (i ModelInfo) bounded() (ModelInfo, error) {
	if len(i.Parameters) > maxParameters {
		return ModelInfo{}, badDescription("it has %d parameters; the limit is %d", len(i.Parameters), maxParameters)
	}
	i.Function, i.Signature = oneLine(i.Function, maxSignature), oneLine(i.Signature, maxSignature)
	i.Docstring = cutText(cleanText(i.Docstring, "\n\t"), maxDocstring)
	i.Parameters = slices.Clone(i.Parameters)
	room := maxParameterTexts
	for n := range i.Parameters {
		p := &i.Parameters[n]
		switch {
		case len(p.Name) > maxParameterName:
			return ModelInfo{}, badDescription("the name of a parameter has %d bytes; the limit is %d", len(p.Name), maxParameterName)
		case !isIdentifier(p.Name):
			return ModelInfo{}, badDescription("the name of a parameter, %q, is not an identifier", p.Name)
		case !slices.Contains(parameterKinds, p.Kind):
			return ModelInfo{}, badDescription("the kind of the parameter %s, %q, does not exist", p.Name, cutText(p.Kind, maxParameterName))
		}
		p.Default = oneLine(p.Default, min(maxSignature, room))
		room -= len(p.Default)
		p.Annotation = oneLine(p.Annotation, min(maxSignature, room))
		room -= len(p.Annotation)
	}
	return i, nil
}

// bounded returns e with its texts cut to their bounds.
func (e *ModelError) bounded() *ModelError {
	return &ModelError{oneLine(e.Class, maxSignature), cutText(e.Text, maxErrorText), max(0, e.Line), cutText(e.Traceback, maxErrorText)}
}

func badDescription(format string, args ...any) error {
	return &ModelError{Class: "ValueError", Text: "the model's description of itself is invalid: " + fmt.Sprintf(format, args...)}
}

// isIdentifier reports whether name can be the name of a parameter in Python
// (https://docs.python.org/3/reference/lexical_analysis.html#identifiers).
func isIdentifier(name string) bool {
	for n, r := range name {
		starts := r == '_' || unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start)
		continues := starts || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
		if r == utf8.RuneError || n == 0 && !starts || !continues {
			return false
		}
	}
	return name != ""
}

// oneLine returns text without control characters, cut to a limit.
func oneLine(text string, limit int) string { return cutText(cleanText(text, ""), limit) }

// cleanText replaces the control and format characters of text, except for those in keep, by
// spaces. Format characters include those that change the direction of writing.
func cleanText(text, keep string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && !strings.ContainsRune(keep, r) {
			return ' '
		}
		return r
	}, text)
}

// cutText cuts text to at most limit bytes, at a character boundary, and marks the cut if there is
// room for it.
func cutText(text string, limit int) string {
	const mark = "..."
	if len(text) <= limit {
		return text
	}
	if limit < len(mark) {
		return ""
	}
	limit -= len(mark)
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + mark
}
