package pylog

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// decode returns the value that make.py wrote as v.
func decode(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		return n
	case []any:
		values := tuple{}
		for _, one := range v {
			values = append(values, decode(one))
		}
		return values
	case map[string]any:
		if name, ok := v["stream"].(string); ok {
			return stream(name)
		}
		if f, ok := v["float"].(json.Number); ok {
			n, _ := f.Float64()
			return n
		}
		values := dict{}
		for name, one := range v["dict"].(map[string]any) {
			values[name] = decode(one)
		}
		return values
	}
	return v
}

func TestLiteralsMatchPython(t *testing.T) {
	for _, c := range readCases[struct {
		Text string
		Want any
	}](t, "literals.json") {
		got, err := parseLiteral(c.Text)
		if err != nil || !reflect.DeepEqual(got, decode(c.Want)) {
			t.Errorf("%s\ngot  %#v %v\nwant %#v", c.Text, got, err, decode(c.Want))
		}
	}
}

// Python evaluates the option args. pylog does not: everything except a literal is an error with
// its position.
func TestExpressionsAreErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "at character 1: unexpected end",
		"(":                                "at character 2: unexpected end",
		"('a',":                            "at character 6: unexpected end",
		"('é', x)":                         "at character 7: x is not a known constant",
		"(os.path.join('a', 'b'),)":        "at character 2: os.path.join is not a known constant; expressions are not evaluated",
		"__import__('os').system('id')":    "at character 1: __import__ is not a known constant",
		"(lambda: 1)()":                    "at character 2: lambda is not a known constant",
		"(sys.stdout.write,)":              "at character 2: sys.stdout.write is not a known constant",
		"('a'.upper(),)":                   `at character 5: unexpected '.'`,
		"('a' % 1,)":                       `at character 6: unexpected '%'`,
		"(1 if 2 else 3,)":                 `at character 4: unexpected 'i'`,
		"('a', *b)":                        `at character 7: unexpected '*'`,
		"(f'a',)":                          "at character 2: f is not a known constant",
		"(b'a',)":                          "at character 2: b is not a known constant",
		"('a":                              "at character 2: the string that begins here does not end",
		"('a\n',)":                         "at character 2: the string that begins here does not end",
		"('''a'',)":                        "at character 2: the string that begins here does not end",
		`('\N{BULLET}',)`:                  "at character 2: the string that begins here has an invalid escape",
		`('\x4',)`:                         "at character 2: the string that begins here has an invalid escape",
		`('\ud800',)`:                      "at character 2: the string that begins here has an invalid escape",
		`('\`:                              "at character 2: the string that begins here has an invalid escape",
		"(010,)":                           `"010" is not a valid number`,
		"(1j,)":                            `"1j" is not a valid number`,
		"(99999999999999999999,)":          `"99999999999999999999" is not a valid number`,
		"(2**63,)":                         "the number is too large",
		"(2**2**2**2**2**2,)":              "this cannot be computed",
		"(9**9**9,)":                       "this cannot be computed",
		"(1//0,)":                          "this cannot be computed",
		"(1/0,)":                           "this cannot be computed",
		"('a'*1000000000,)":                "this cannot be computed",
		"(-'a',)":                          "this cannot be computed",
		"{1: 2}":                           "a quoted name and a colon are required",
		"{'a' 2}":                          "a quoted name and a colon are required",
		"{'a': 2 'b': 3}":                  `unexpected '\''`,
		"(1 2)":                            `unexpected '2'`,
		"(1,,2)":                           `unexpected ','`,
		"(1,) 2":                           `unexpected '2'`,
		"(1]":                              `unexpected ']'`,
		strings.Repeat("(", 1000):          "nested more than 20 levels deep",
		strings.Repeat("-", 1000):          "nested more than 20 levels deep",
		strings.Repeat("{'a':", 1000):      "nested more than 20 levels deep",
		"'" + strings.Repeat("x", 20<<10):  "longer than 16384 bytes",
		"(1" + strings.Repeat("**2", 1000): "nested more than 20 levels deep",
		"('a\xff', \xff)":                  "unexpected",
	} {
		got, err := parseLiteral(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s gives %v and the error %v, want the error %s", text, got, err, want)
		}
	}
}

// literal returns a Python literal with the value v.
func literal(v any) string {
	switch v := v.(type) {
	case tuple:
		var b strings.Builder
		for _, one := range v {
			b.WriteString(literal(one) + ",")
		}
		return "(" + b.String() + ")"
	case dict:
		var b strings.Builder
		for name, one := range v {
			b.WriteString(literal(name) + ":" + literal(one) + ",")
		}
		return "{" + b.String() + "}"
	case string:
		quoted := strconv.Quote(v)
		if strconv.CanBackquote(v) {
			return quoted
		}
		var b strings.Builder
		for _, r := range v {
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		return `"` + b.String() + `"`
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case float64:
		text := strconv.FormatFloat(v, 'e', -1, 64)
		if !strings.ContainsAny(text, ".") {
			text = strings.Replace(text, "e", ".0e", 1)
		}
		return text
	case nil:
		return "None"
	case stream:
		return string(v)
	}
	return fmt.Sprint(v)
}

// FuzzLiteral checks that a value that parseLiteral returns has a literal that gives the same
// value.
func FuzzLiteral(f *testing.F) {
	for _, c := range readCases[struct{ Text string }](f, "literals.json") {
		f.Add(c.Text)
	}
	for _, text := range []string{"((((1))))", "2**-1", "1e400", "'\\", "{'a':{'b':()}}", "-0.0", "0_1", "1__0", ".", "1.e5", "'''''''''"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseLiteral(text)
		if err != nil {
			return
		}
		written := literal(v)
		if !utf8.ValidString(text) || len(written) > maxLiteral {
			return // a file is valid UTF-8, and escapes can exceed the limit of a literal
		}
		again, err := parseLiteral(written)
		if err != nil || !reflect.DeepEqual(v, again) {
			t.Fatalf("%q gives %#v, but its literal %q gives %#v, %v", text, v, written, again, err)
		}
	})
}

func TestFacilityNumbers(t *testing.T) {
	var numbers []int
	for _, n := range facilities {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	if numbers = slices.Compact(numbers); len(numbers) != 24 || numbers[23] != 23 {
		t.Errorf("the numbers are %v, want 0 to 23", numbers)
	}
}
