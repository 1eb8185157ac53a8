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

// valueOf is a value as make.py writes it.
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

func TestLiteralsAreAsInPython(t *testing.T) {
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

// Python evaluates args. Here nothing is run: what is no literal is an error that says where.
func TestNothingIsEvaluated(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "at character 1: it ends too early",
		"(":                                "at character 2: it ends too early",
		"('a',":                            "at character 6: it ends too early",
		"('é', x)":                         "at character 7: x is not known here",
		"(os.path.join('a', 'b'),)":        "at character 2: os.path.join is not known here: nothing is run to find out what it is",
		"__import__('os').system('id')":    "at character 1: __import__ is not known here",
		"(lambda: 1)()":                    "at character 2: lambda is not known",
		"(sys.stdout.write,)":              "at character 2: sys.stdout.write is not known",
		"('a'.upper(),)":                   `at character 5: '.' is not understood`,
		"('a' % 1,)":                       `at character 6: '%' is not understood`,
		"(1 if 2 else 3,)":                 `at character 4: 'i' is not understood`,
		"('a', *b)":                        `at character 7: '*' is not understood`,
		"(f'a',)":                          "at character 2: f is not known here",
		"(b'a',)":                          "at character 2: b is not known here",
		"('a":                              "at character 2: the text that begins here does not end",
		"('a\n',)":                         "at character 2: the text that begins here does not end",
		"('''a'',)":                        "at character 2: the text that begins here does not end",
		`('\N{BULLET}',)`:                  "at character 2: an escape in the text that begins here is not understood",
		`('\x4',)`:                         "at character 2: an escape",
		`('\ud800',)`:                      "at character 2: an escape",
		`('\`:                              "at character 2: an escape",
		"(010,)":                           `"010" is no number that can stand here`,
		"(1j,)":                            `"1j" is no number`,
		"(99999999999999999999,)":          `"99999999999999999999" is no number`,
		"(2**63,)":                         "the number is too large",
		"(2**2**2**2**2**2,)":              "this cannot be calculated",
		"(9**9**9,)":                       "this cannot be calculated",
		"(1//0,)":                          "this cannot be calculated",
		"(1/0,)":                           "this cannot be calculated",
		"('a'*1000000000,)":                "this cannot be calculated",
		"(-'a',)":                          "this cannot be calculated",
		"{1: 2}":                           "a name in quotes and a colon are needed",
		"{'a' 2}":                          "a name in quotes and a colon are needed",
		"{'a': 2 'b': 3}":                  `'\'' is not understood`,
		"(1 2)":                            `'2' is not understood`,
		"(1,,2)":                           `',' is not understood`,
		"(1,) 2":                           `'2' is not understood`,
		"(1]":                              `']' is not understood`,
		strings.Repeat("(", 1000):          "nested more than 20 deep",
		strings.Repeat("-", 1000):          "nested more than 20 deep",
		strings.Repeat("{'a':", 1000):      "nested more than 20 deep",
		"'" + strings.Repeat("x", 20<<10):  "longer than 16384 bytes",
		"(1" + strings.Repeat("**2", 1000): "nested more than 20 deep",
		"('a\xff', \xff)":                  "is not understood",
	} {
		got, err := parseLiteral(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, %v; want %s", text, got, err, want)
		}
	}
}

// literal writes a value as a literal.
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

// FuzzLiteral: reading ends, and a value that was read is read again from the literal that it makes.
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
			return // files are valid UTF-8; escapes make a literal longer
		}
		again, err := parseLiteral(written)
		if err != nil || !reflect.DeepEqual(v, again) {
			t.Fatalf("%q is %#v; as %q it is %#v, %v", text, v, written, again, err)
		}
	})
}

func TestFacilitiesHaveTheirNumbers(t *testing.T) {
	var numbers []int
	for _, n := range facilities {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	if numbers = slices.Compact(numbers); len(numbers) != 24 || numbers[23] != 23 {
		t.Errorf("%v", numbers)
	}
}
