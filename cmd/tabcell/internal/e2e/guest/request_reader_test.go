package guest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// compareArguments is a script that compares its first argument, which the guest's own JSON reader
// read, with the value that Python's json module reads from the same text.
const compareArguments = `import json
expected = json.loads(_arg2)
def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return repr(a) == repr(b)
return "same" if same(_arg1, expected) else repr(_arg1) + " is not " + repr(expected)`

// readerBody returns a request whose first argument is a JSON text and whose second argument is the
// same text as a string.
func readerBody(text string) []byte {
	script, _ := json.Marshal(compareArguments)
	quoted, _ := json.Marshal(text)
	return fmt.Appendf(nil, `{"script": %s, "data": {"_arg1": %s, "_arg2": %s}}`, script, text, quoted)
}

// TestReaderMatchesPython compares the guest's reader with Python's on chosen and random values.
func TestReaderMatchesPython(t *testing.T) {
	e := harness.Core(t)
	texts := []string{
		`[]`, `{}`, `[[], {}, [[]]]`, " [ 1 ,\t2\r\n, 3 ] ", `{"a": 1, "b": {"a": []}, "a": 2}`, `null`, `true`, `[false, null, true]`,
		`0`, `-0`, `-0.0`, `0.0`, `12`, `-12`, `123456789012345`, `1234567890123456`, `999999999999999999`, `9223372036854775807`, `9223372036854775808`,
		`-9223372036854775808`, `-9223372036854775809`, `18446744073709551616`, `123456789012345678901234567890`, `0.1`, `-0.3`, `1.005`, `0.000000000000001`,
		`0.0000000000000001`, `123456789.012345`, `1234567890.123456`, `0.30000000000000004`, `1e5`, `1E-5`, `1.5e+300`, `1e400`, `-1e400`, `5e-324`, `1e-400`, `1.7976931348623157e308`,
		`123456789012345678901234567890.5`, `NaN`, `[Infinity, -Infinity]`,
		`""`, `"a"`, `"abcdefghijklmno"`, `"abcdefghijklmnop"`, `"abcdefghijklmnopq"`, `"` + strings.Repeat("x", 300) + `"`, `"é"`, `"abcdefghijklmnopé"`, `"日本語のテキスト、長い"`, `"😀"`,
		`"\"\\\/\b\f\n\r\t"`, `"\u0041\u00e9\u20AC\uD83D\uDE00"`, `"\u0000"`, `"é\u00e9"`, `"\ud800"`, `"\udc00\ud800"`, `"\ud800\u0041"`, `["\\", "\\\"", "x\\"]`, "\"\x7f\"",
		strings.Repeat("[", 900) + strings.Repeat("]", 900),
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		texts = append(texts, randomJSON(r, 0))
	}
	for _, text := range texts {
		result, err := e.Evaluate(t.Context(), runtime.Call{Body: readerBody(text)})
		if err != nil || string(result.Body) != `"same"` {
			t.Errorf("%.200s: %.300s, %v", text, result.Body, err)
		}
	}
}

// TestReaderRejectsInvalidJSON checks that the guest's reader accepts nothing but JSON.
func TestReaderRejectsInvalidJSON(t *testing.T) {
	e := harness.Core(t)
	for _, text := range []string{
		``, `[1,]`, `[,1]`, `[1 2]`, `[1`, `[`, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a: 1}`, `{1: 2}`, `01`, `-`, `+1`, `.5`, `1.`, `1e`, `1e+`, `--1`, `0x10`, `1_000`, `tru`, `nul`, `falsee`, `True`,
		`"a`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\`, "\"a\nb\"", "\"\x00\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", `'a'`, `1 1`, `[1]]`, "\u00a01", "1\x00",
	} {
		body := fmt.Sprintf(`{"script": "return 1", "data": {"_arg1": %s}}`, text)
		if result, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(body)}); err == nil {
			t.Errorf("%q was accepted, and the result is %s", text, result.Body)
		}
	}
}

// randomJSON returns a random JSON text with strings and numbers in many forms.
func randomJSON(r *rand.Rand, depth int) string {
	switch kind := r.IntN(12); {
	case kind < 2 && depth < 5:
		items := make([]string, r.IntN(6))
		for i := range items {
			items[i] = randomJSON(r, depth+1)
		}
		return "[" + strings.Join(items, []string{",", ", ", " ,\n"}[r.IntN(3)]) + "]"
	case kind == 2 && depth < 5:
		return fmt.Sprintf("{%s: %s, %s : %s}", randomString(r), randomJSON(r, depth+1), randomString(r), randomJSON(r, depth+1))
	case kind < 6:
		return randomString(r)
	case kind < 8:
		return fmt.Sprint(r.Int64N(1<<62)>>r.IntN(63) - 5)
	case kind < 11:
		return fmt.Sprintf("%.*f", r.IntN(18), (r.Float64()-0.5)*[]float64{1, 100, 1e6, 1e12}[r.IntN(4)])
	default:
		return fmt.Sprintf("%.*e", r.IntN(20), r.NormFloat64())
	}
}

// randomString returns a JSON string of random characters: letters, ASCII, characters of two, three
// and four bytes in UTF-8.
func randomString(r *rand.Rand) string {
	text := make([]rune, r.IntN(40))
	for i := range text {
		text[i] = []rune{'a' + rune(r.IntN(26)), ' ' + rune(r.IntN(95)), rune(r.IntN(0x300)), 0x4e00 + rune(r.IntN(100)), 0x1f600}[min(r.IntN(30), 4)*r.IntN(2)]
	}
	quoted, _ := json.Marshal(string(text))
	return string(quoted)
}
