package tck

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parse parses JSON. Numbers become json.Number, so that their text is kept.
func parse(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(escapeLoneSurrogates(text)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("unexpected data after the value")
	}
	return v, nil
}

// escapes matches JSON escapes: surrogate pairs, lone surrogates, and all others, in this order.
var escapes = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.`)

// escapeLoneSurrogates replaces escaped lone surrogates with the text of the escape, in lower case.
// The decoder would replace each of them with U+FFFD.
func escapeLoneSurrogates(text string) string {
	return escapes.ReplaceAllStringFunc(text, func(e string) string {
		if len(e) == 6 {
			return `\` + strings.ToLower(e)
		}
		return e
	})
}

var volatilePath = regexp.MustCompile(`^(\$\.\.?)?[A-Za-z_]+$`)

// deleteKey deletes a volatile key from v: at the top level if path is "$.key" or "key", at any
// level if it is "$..key".
func deleteKey(v any, path string) {
	if key, anywhere := strings.CutPrefix(path, "$.."); anywhere {
		deleteKeyRecursively(v, key)
	} else if object, ok := v.(map[string]any); ok {
		delete(object, strings.TrimPrefix(path, "$."))
	}
}

func deleteKeyRecursively(v any, key string) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, key)
		for _, member := range v {
			deleteKeyRecursively(member, key)
		}
	case []any:
		for _, item := range v {
			deleteKeyRecursively(item, key)
		}
	}
}

// comparison compares parsed JSON values.
type comparison struct {
	approx    bool    // compare numbers within tolerance; otherwise integers and floats differ
	tolerance float64 // relative and absolute; a number has to meet one of them
	classOnly bool    // compare only the class of "Class : text"
}

// diff returns the first difference between two values, or "". The path at is part of the text.
func (c comparison) diff(have, want any, at string) string {
	switch w := want.(type) {
	case map[string]any:
		if h, ok := have.(map[string]any); ok {
			return c.diffObjects(h, w, at)
		}
	case []any:
		if h, ok := have.([]any); ok {
			return c.diffArrays(h, w, at)
		}
	case json.Number:
		if h, ok := have.(json.Number); ok && c.numbersEqual(h.String(), w.String()) {
			return ""
		}
	case string:
		if h, ok := have.(string); ok && (h == w || c.classOnly && errorClass(h) != "" && errorClass(h) == errorClass(w)) {
			return ""
		}
	default: // true, false, null
		if have == want {
			return ""
		}
	}
	return fmt.Sprintf("at %s: %s, want %s", at, format(have), format(want))
}

func (c comparison) diffObjects(have, want map[string]any, at string) string {
	if h, w := slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(want)); !slices.Equal(h, w) {
		return fmt.Sprintf("at %s: keys %q, want %q", at, h, w)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if d := c.diff(have[key], want[key], at+"."+key); d != "" {
			return d
		}
	}
	return ""
}

func (c comparison) diffArrays(have, want []any, at string) string {
	if len(have) != len(want) {
		return fmt.Sprintf("at %s: %d items, want %d", at, len(have), len(want))
	}
	for i := range want {
		if d := c.diff(have[i], want[i], fmt.Sprintf("%s[%d]", at, i)); d != "" {
			return d
		}
	}
	return ""
}

func (c comparison) numbersEqual(have, want string) bool {
	h, errH := strconv.ParseFloat(have, 64)
	w, errW := strconv.ParseFloat(want, 64)
	if c.approx {
		distance := math.Abs(h - w)
		return h == w || distance <= c.tolerance || distance <= c.tolerance*max(math.Abs(h), math.Abs(w))
	}
	if isFloat(have) != isFloat(want) {
		return false
	}
	if !isFloat(have) {
		a, okA := new(big.Int).SetString(have, 10)
		b, okB := new(big.Int).SetString(want, 10)
		return okA && okB && a.Cmp(b) == 0
	}
	return errH == nil && errW == nil && h == w && math.Signbit(h) == math.Signbit(w)
}

func isFloat(number string) bool { return strings.ContainsAny(number, ".eE") }

var errorClassPrefix = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.]*) : `)

// errorClass returns the class in "Class : text", or "".
func errorClass(text string) string {
	if m := errorClassPrefix.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func format(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return truncate(string(text))
}
