package input

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// consoleRun is the part of a result of the console that the tests compare.
type consoleRun struct {
	ID           string
	Value        json.RawMessage
	Rows         int
	ExpectedRows int `json:"expected_rows"`
	Stdout       string
	Stderr       string
	Truncated    struct {
		Value  bool
		Bytes  int `json:"value_bytes"`
		Stdout bool
	}
	Phases map[string]float64
	Memory uint64 `json:"memory_bytes"`
	Fuel   uint64
	Schema *struct {
		Columns []struct{ Name, Type string }
		Error   *consoleError
	}
	Error    *consoleError
	Warnings []string
}

type consoleError struct {
	Class, Message, In, Limit, Traceback string
	Line                                 int
}

// consoleClient uses the console of a server without authentication.
type consoleClient struct {
	t    *testing.T
	url  string
	csrf string
}

func newConsoleClient(t *testing.T, s *harness.Server) *consoleClient {
	c := &consoleClient{t: t, url: s.URL + "/console/api/v1/"}
	var session struct{ CSRF string }
	if status := c.call("GET", "session", nil, &session); status != 200 || session.CSRF == "" {
		t.Fatalf("GET session: %d", status)
	}
	c.csrf = session.CSRF
	return c
}

// call sends a request and parses the response.
func (c *consoleClient) call(method, path string, body, response any) int {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("X-Console-Csrf", c.csrf)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	if err == nil {
		err = json.Unmarshal(content, response)
	}
	if err != nil {
		c.t.Fatalf("%s %s: %d %.300s (%v)", method, path, got.StatusCode, content, err)
	}
	return got.StatusCode
}

func (c *consoleClient) run(body map[string]any) (r consoleRun) {
	c.t.Helper()
	if status := c.call("POST", "run", body, &r); status != 200 {
		c.t.Fatalf("%v: %d", body, status)
	}
	return r
}

// TestConsoleKinds runs a script of each kind in the console.
func TestConsoleKinds(t *testing.T) {
	s := harness.StartPatient(t)
	c := newConsoleClient(t, s)
	var table any
	if err := json.Unmarshal([]byte(prepTable), &table); err != nil {
		t.Fatal(err)
	}
	table = table.(map[string]any)["_arg1"]
	args := []any{[]any{1, 2.5, nil}, "x"}
	for name, tc := range map[string]struct {
		body  map[string]any
		value string
		rows  int
	}{
		"real":  {map[string]any{"kind": "script", "function": "SCRIPT_REAL", "script": "return [None if x is None else x * 2 for x in _arg1]", "args": args}, "[2,5.0,null]", 3},
		"int":   {map[string]any{"kind": "script", "function": "SCRIPT_INT", "script": "return len(_arg1)", "args": args}, "3", 1},
		"str":   {map[string]any{"kind": "script", "function": "SCRIPT_STR", "script": "return [_arg2 + '\"<' for x in _arg1]", "args": args}, `["x\"<","x\"<","x\"<"]`, 3},
		"bool":  {map[string]any{"kind": "script", "function": "SCRIPT_BOOL", "script": "return [x is None for x in _arg1]", "args": args}, "[false,false,true]", 3},
		"table": {map[string]any{"kind": "table", "script": "return pandas.DataFrame(_arg1)[['Units']].head(2)", "table": table}, `{"Units":[4,2]}`, 2},
		"prep": {map[string]any{"kind": "prep", "function_name": "by_region", "script": prepFlow, "table": table}, `{"Region":["North","South"],"Units":[7,2],"Net":[50.85,0.0],` +
			`"Last":["2024-03-01","2024-01-01"],"Share":[0.7777777777777778,0.2222222222222222],"Large":[true,false],"Code":[0,3000000000]}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.run(tc.body)
			var value bytes.Buffer
			if err := json.Compact(&value, r.Value); err != nil {
				t.Fatal(err)
			}
			var want, got any
			_ = json.Unmarshal([]byte(tc.value), &want)
			_ = json.Unmarshal(value.Bytes(), &got)
			if first, second := mustMarshal(want), mustMarshal(got); first != second || r.Rows != tc.rows || r.Error != nil || len(r.Warnings) != 0 {
				t.Errorf("%s, %d rows, error %+v, warnings %v; want %s", value.Bytes(), r.Rows, r.Error, r.Warnings, tc.value)
			}
			if r.Phases["run_ms"] <= 0 || r.Phases["total_ms"] < r.Phases["run_ms"] || r.Fuel == 0 || r.Memory < 1<<20 || r.ID == "" {
				t.Errorf("phases %v, fuel %d, memory %d, call %q", r.Phases, r.Fuel, r.Memory, r.ID)
			}
			if name == "prep" {
				if r.Schema == nil || r.Schema.Error != nil || len(r.Schema.Columns) != 8 || r.Schema.Columns[3] != (struct{ Name, Type string }{"Last", "prep_date_type"}) {
					t.Errorf("schema %+v", r.Schema)
				}
			}
		})
	}
}

func mustMarshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // cannot happen: the value comes from JSON
	}
	return string(text)
}

// TestConsoleErrors checks the class and the line of errors. Lines are those of the text that the
// user sees.
func TestConsoleErrors(t *testing.T) {
	s := harness.StartPatient(t)
	c := newConsoleClient(t, s)
	for name, tc := range map[string]struct {
		body    map[string]any
		class   string
		line    int
		message string
	}{
		"exception":            {map[string]any{"kind": "script", "script": "x = 1\n\nreturn 1 / 0"}, "ZeroDivisionError", 3, "division by zero"},
		"in a function":        {map[string]any{"kind": "script", "script": "def f(x):\n    return x['a']\n\nreturn f({})"}, "KeyError", 2, "'a'"},
		"in a library":         {map[string]any{"kind": "script", "script": "import json\nreturn json.loads('{')"}, "JSONDecodeError", 2, "Expecting"},
		"syntax":               {map[string]any{"kind": "script", "script": "x = 1\ny = (2\nreturn x"}, "SyntaxError", 2, "'(' was never closed"},
		"syntax, indented":     {map[string]any{"kind": "script", "script": "  x = 1\n  y = = 2\n  return x"}, "SyntaxError", 2, "invalid syntax"},
		"indentation":          {map[string]any{"kind": "script", "script": "if True:\nreturn 1"}, "IndentationError", 2, "expected an indented block"},
		"windows line ends":    {map[string]any{"kind": "script", "script": "x = 1\r\ny = 2\r\nraise ValueError('a')\r\n"}, "ValueError", 3, "a"},
		"answer":               {map[string]any{"kind": "script", "script": "return object()"}, "TypeError", 0, "not JSON serializable"},
		"table":                {map[string]any{"kind": "table", "script": "t = _arg1\nreturn t['b']", "table": map[string]any{"a": []int{1}}}, "KeyError", 2, "'b'"},
		"prep":                 {map[string]any{"kind": "prep", "function_name": "f", "script": "def f(df):\n    return df['b']", "table": map[string]any{"a": []int{1}}}, "KeyError", 2, "'b'"},
		"prep, no function":    {map[string]any{"kind": "prep", "function_name": "g", "script": "def f(df):\n    return df"}, "NameError", 0, "'g' is not defined"},
		"prep, open bracket":   {map[string]any{"kind": "prep", "function_name": "f", "script": "def f(df):\n    return (df"}, "SyntaxError", 2, "was never closed"},
		"prep, syntax":         {map[string]any{"kind": "prep", "function_name": "f", "script": "def f(df)\n    return df"}, "SyntaxError", 1, "expected ':'"},
		"exit":                 {map[string]any{"kind": "script", "script": "\nraise SystemExit(3)"}, "SystemExit", 2, "3"},
		"own TimeoutError":     {map[string]any{"kind": "script", "script": "raise TimeoutError('mine')"}, "TimeoutError", 1, "mine"},
		"memory":               {map[string]any{"kind": "script", "script": "x = []\nwhile True:\n    x.append(bytearray(1 << 24))"}, "MemoryError", 3, "TABCELL_MEMORY_LIMIT_MB"},
		"text of an exception": {map[string]any{"kind": "script", "script": "raise ValueError('<script>alert(1)</script>')"}, "ValueError", 1, "<script>alert(1)</script>"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.run(tc.body)
			if e := r.Error; e == nil || e.Class != tc.class || e.Line != tc.line || !strings.Contains(e.Message, tc.message) || e.In != "script" || string(r.Value) != "null" {
				t.Errorf("error %+v, want %s in line %d: %s", r.Error, tc.class, tc.line, tc.message)
			}
		})
	}
	r := c.run(map[string]any{"kind": "prep", "function_name": "f", "script": "def f(df):\n    return df\n\ndef get_output_schema():\n    return pd.DataFrame({'a': prep_text()})", "table": map[string]any{"a": []int{1}}})
	if r.Error != nil || r.Schema == nil || r.Schema.Error == nil || r.Schema.Error.Class != "NameError" || r.Schema.Error.Line != 5 {
		t.Errorf("the error of a schema: %+v", r.Schema)
	}
}

// TestConsoleOutput checks printed text, its limit, and that of an answer.
func TestConsoleOutput(t *testing.T) {
	s := harness.StartPatient(t)
	c := newConsoleClient(t, s)
	r := c.run(map[string]any{"kind": "script", "script": "import sys\nprint('out')\nprint('err', file=sys.stderr)\nraise ValueError"})
	if r.Stdout != "out\n" || r.Stderr != "err\n" || r.Truncated.Stdout {
		t.Errorf("stdout %q, stderr %q", r.Stdout, r.Stderr)
	}
	r = c.run(map[string]any{"kind": "script", "script": "print('x' * 1_000_000)\nreturn list(range(1_000_000))", "args": []any{[]int{1}}})
	var value []int
	if err := json.Unmarshal(r.Value, &value); err != nil {
		t.Fatal(err)
	}
	if !r.Truncated.Stdout || len(r.Stdout) > 70_000 || !r.Truncated.Value || r.Rows != 1_000_000 || len(value) < 100_000 || len(r.Value) > 2<<20 || r.Truncated.Bytes < 6_000_000 {
		t.Errorf("%d bytes of text, %d rows, %d values in %d of %d bytes", len(r.Stdout), r.Rows, len(value), len(r.Value), r.Truncated.Bytes)
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "has 1000000 values") {
		t.Errorf("warnings %v", r.Warnings)
	}
}

// TestConsoleTimeLimit checks the error of a script that does not end.
func TestConsoleTimeLimit(t *testing.T) {
	s := harness.StartServer(t, harness.SmallLimits(2*time.Second))
	c := newConsoleClient(t, s)
	r := c.run(map[string]any{"kind": "script", "script": "while True: pass"})
	if e := r.Error; e == nil || e.Limit != "time" || e.In != "server" || !strings.Contains(e.Message, "2s (TABCELL_EVALUATE_TIMEOUT)") {
		t.Errorf("error %+v", r.Error)
	}
}

// TestConsolePage checks that the page and its files are served, and that its scripts and styles are
// those of the console.
func TestConsolePage(t *testing.T) {
	s := harness.StartPatient(t)
	base, err := url.Parse(s.URL + "/console")
	if err != nil {
		t.Fatal(err)
	}
	get := func(u string) (string, http.Header) {
		response, err := http.Get(u)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != 200 {
			t.Fatalf("GET %s: %d (%v)", u, response.StatusCode, err)
		}
		return string(content), response.Header
	}
	page, _ := get(base.String())
	files := 0
	for _, part := range strings.Split(page, `"`) {
		if !strings.HasPrefix(part, "/console/assets/") {
			continue
		}
		files++
		if _, h := get(base.JoinPath("..", part).String()); h.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", part, h.Get("Cache-Control"))
		}
	}
	if files < 2 || strings.Contains(page, "<style") || strings.Contains(page, " onload") || strings.Contains(page, "http:") {
		t.Errorf("the page has %d files:\n%s", files, page)
	}
}
