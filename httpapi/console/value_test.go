package console

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestCutValue(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		answer, want string
		limit, rows  int
		columns      []columnBody
		cut, invalid bool
	}{
		{answer: `[1, "a,]", [2, 3], {"b": [4]}]`, want: `[1, "a,]", [2, 3], {"b": [4]}]`, limit: 100, rows: 4},
		{answer: `[]`, want: `[]`, limit: 100},
		{answer: ` [ 1 , 2 ] `, want: ` [ 1 , 2 ] `, limit: 100, rows: 2},
		{answer: `"text"`, want: `"text"`, limit: 100, rows: 1},
		{answer: `null`, want: `null`, limit: 100, rows: 1},
		{answer: `{"a": [1, 2], "b\"": []}`, want: `{"a": [1, 2], "b\"": []}`, limit: 100, rows: 2, columns: []columnBody{{"a", 2}, {`b"`, 0}}},
		{answer: `{"a": 1}`, want: `{"a": 1}`, limit: 100, rows: 1},
		{answer: `{}`, want: `{}`, limit: 100, rows: 1},
		{answer: `[10, 20, 30, 40]`, want: `[10,20]`, limit: 9, rows: 4, cut: true},
		{answer: `["` + long + `", 1]`, want: `[]`, limit: 20, rows: 2, cut: true},
		{answer: `"` + long + `"`, want: `null`, limit: 20, rows: 1, cut: true},
		{answer: `{"a": [1, 2, 3, 4, 5, 6], "b": ["xxxxx", "yyyyy", "z", "z", "z", "z"], "c": [1]}`, want: `{"a":[1,2],"b":["xxxxx","yyyyy"],"c":[1]}`, limit: 75, rows: 6,
			columns: []columnBody{{"a", 6}, {"b", 6}, {"c", 1}}, cut: true},
		{answer: `[NaN, "NaN \" NaN", -Infinity, Infinity]`, want: `[null, "NaN \" NaN", null, null]`, limit: 100, rows: 4},
		{answer: `[1, }`, limit: 100, rows: 1, invalid: true},
		{answer: `[1,]`, limit: 100, rows: 1, invalid: true},
		{answer: `[1`, limit: 100, rows: 1, invalid: true},
		{answer: `{"a" [1]}`, limit: 100, rows: 1, invalid: true},
		{answer: `{a: [1]}`, limit: 100, rows: 1, invalid: true},
		{answer: `["\`, limit: 100, rows: 1, invalid: true},
		{answer: ``, limit: 100, invalid: true},
		{answer: strings.Repeat("[", 20000) + strings.Repeat("]", 20000), limit: 50000, rows: 1, invalid: true},
	} {
		got := cutValue([]byte(c.answer), c.limit)
		if got.invalid != c.invalid || got.rows != c.rows || got.cut != c.cut || !slices.Equal(got.columns, c.columns) || !c.invalid && string(got.text) != c.want {
			t.Errorf("%.80s: %s, rows %d, columns %v, cut %v, invalid %v", c.answer, got.text, got.rows, got.columns, got.cut, got.invalid)
		}
	}
}

// TestCutLargeAnswers checks that answers of any form become small ones.
func TestCutLargeAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"list":         "[" + strings.Repeat("1234567,", 1<<20) + "1]",
		"text":         `"` + strings.Repeat("x", 8<<20) + `"`,
		"long column":  `{"a": [` + strings.Repeat("1234567,", 1<<20) + `1]}`,
		"many columns": "{" + strings.Repeat(`"a": [1], `, 1<<19) + `"b": [1]}`,
		"long names":   `{"` + strings.Repeat("n", 8<<20) + `": [1]}`,
	} {
		got := cutValue([]byte(answer), maxAnswer)
		if !got.cut || got.invalid || len(got.text) > 2*maxAnswer || len(got.columns) > maxColumns {
			t.Errorf("%s: %d bytes, %d columns, cut %v, invalid %v", name, len(got.text), len(got.columns), got.cut, got.invalid)
		}
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		kind, function, answer string
		expected               int
		want                   string
	}{
		{"script", "", "[1, 2]", 2, ""},
		{"script", "", "1", 2, ""},
		{"script", "", "[1]", 2, ""},
		{"script", "", "[1, 2, 3]", 2, "The answer has 3 values. Tableau accepts 1 value, or 2: one for each row."},
		{"script", "", "[]", 2, "The answer has 0 values. Tableau accepts 1 value, or 2: one for each row."},
		{"script", "", `{"a": [1]}`, 1, "The answer is a table. A calculation needs one value, or a list with one for each row."},
		{"script", "SCRIPT_INT", `[1, null, -2]`, 3, ""},
		{"script", "SCRIPT_INT", `[1, 2.5]`, 2, "SCRIPT_INT expects whole numbers, but value 2 is 2.5."},
		{"script", "SCRIPT_REAL", `[1, 2.5, "x"]`, 3, `SCRIPT_REAL expects numbers, but value 3 is "x".`},
		{"script", "SCRIPT_STR", `5`, 3, `SCRIPT_STR expects text, but value 1 is 5.`},
		{"script", "SCRIPT_BOOL", `[true, false, null]`, 3, ""},
		{"script", "SCRIPT_BOOL", `[1]`, 1, `SCRIPT_BOOL expects true or false, but value 1 is 1.`},
		{"table", "", `{"a": [1, 2], "b": [1]}`, 5, `The column "b" has 1 rows, others have 2.`},
		{"table", "", `[1]`, 5, "The answer is not a table. A table is a DataFrame, or a dict with a list for each column."},
		{"prep", "", `{"a": []}`, 5, ""},
	} {
		v := cutValue([]byte(c.answer), maxAnswer)
		r := &runResult{Value: v.text, Rows: v.rows, Columns: v.columns, ExpectedRows: c.expected}
		if got := strings.Join((&runBody{Kind: c.kind, Function: c.function}).warnings(r), "|"); got != c.want {
			t.Errorf("%s %s %s: %q, want %q", c.kind, c.function, c.answer, got, c.want)
		}
	}
}

// FuzzCutValue checks that a part of an answer is valid JSON of limited size whenever the answer is
// valid, and that no answer makes the console fail.
func FuzzCutValue(f *testing.F) {
	for _, seed := range []string{`[1, "a", {"b": [null]}]`, `{"a": [1, 2], "b": ["x", "y"]}`, `"x"`, `[NaN]`, `{"a"`, `["\`, `{"a":[1],"a":2}`, `[ , ]`, "[\"\\u00"} {
		f.Add([]byte(seed), 10)
	}
	f.Fuzz(func(t *testing.T, answer []byte, limit int) {
		limit = min(max(limit, 0), 1000)
		got := cutValue(answer, limit)
		if !got.invalid && !json.Valid(got.text) {
			t.Errorf("%q is not JSON", got.text)
		}
		if got.invalid && json.Valid(answer) {
			t.Errorf("%q is JSON, but its part %q is not", answer, got.text)
		}
		if json.Valid(answer) {
			checkShape(t, answer, got.shape)
		}
	})
}

// checkShape compares the shape of valid JSON with the one that package json finds.
func checkShape(t *testing.T, answer []byte, got shape) {
	var list []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(answer), []byte("[")) && json.Unmarshal(answer, &list) == nil && got.rows != len(list) {
		t.Errorf("%q has %d elements, not %d", answer, len(list), got.rows)
	}
}

// FuzzRunBody checks that any body is either refused or becomes a request that has the data and the
// script of the body.
func FuzzRunBody(f *testing.F) {
	for _, seed := range []string{
		`{"kind": "script", "script": "return _arg1", "args": [[1, 2], null, "x"]}`, `{"kind": "table", "script": "x", "table": {"a": [1]}}`,
		`{"kind": "prep", "script": "def f(d): return d", "function_name": "f", "table": {}}`, `{"kind": "script", "script": "x", "args": [1], "args": [2]}`,
		`{"kind": "table", "script": "x", "table": null}`, `{"KIND": "script", "Script": "\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		var b runBody
		if d.Decode(&b) != nil || b.check() != nil {
			return
		}
		var request struct {
			Data   map[string]json.RawMessage
			Script string
		}
		call := b.call()
		if err := json.Unmarshal(call.body(), &request); err != nil {
			t.Fatalf("%q becomes %q: %v", body, call.body(), err)
		}
		if wanted := max(len(b.Args), 1); b.Kind == kindScript && len(request.Data) != len(b.Args) || b.Kind != kindScript && len(request.Data) != wanted {
			t.Errorf("%q has %d arguments", body, len(request.Data))
		}
		if request.Script != call.script || !strings.HasPrefix(call.script, b.Script) {
			t.Errorf("%q becomes the script %q", body, request.Script)
		}
	})
}
