package tck

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestJSONComparison(t *testing.T) {
	exact, approx, classOnly := comparison{}, comparison{approx: true, tolerance: 1e-6}, comparison{classOnly: true}
	for _, c := range []struct {
		rule       comparison
		have, want string
		equal      bool
	}{
		{exact, `1`, `1`, true}, {exact, `1.0`, `1`, false},
		{exact, `1`, `1.0`, false}, {exact, `1e2`, `100.0`, true}, {exact, `100`, `1e2`, false},
		{exact, `1.10`, `1.1`, true}, {exact, `-0.0`, `0.0`, false},
		{exact, `0.1`, `0.10000000000000001`, true}, {exact, `0.1`, `0.1000000000000001`, false},
		{exact, `123456789012345678901234567890`, `123456789012345678901234567890`, true},
		{exact, `123456789012345678901234567891`, `123456789012345678901234567890`, false},
		{exact, `9007199254740993`, `9007199254740992`, false},
		{exact, `true`, `1`, false}, {exact, `null`, `false`, false}, {exact, `null`, `null`, true}, {exact, `"1"`, `1`, false},
		{exact, `{"a": 1, "b": 2}`, `{"b": 2, "a": 1}`, true},
		{exact, `{"a": 1}`, `{"a": 1, "b": 2}`, false}, {exact, `{"a": 1, "c": 2}`, `{"a": 1, "b": 2}`, false},
		{exact, `[1, 2]`, `[2, 1]`, false}, {exact, `[1]`, `[1, 1]`, false}, {exact, `[]`, `{}`, false}, {exact, `[[1.0]]`, `[[1]]`, false},
		{exact, `"\u00e9"`, `"é"`, true}, {exact, `"\ud800"`, `"\ufffd"`, false},
		{exact, `"\ud800"`, `"\uD800"`, true}, {exact, `"\ud83d\ude00"`, `"😀"`, true},
		{exact, `"\ude00\ud83d"`, `"\ufffd\ufffd"`, false}, {exact, `"\\ud800"`, `"\\ud800"`, true},
		{exact, `"A : b"`, `"A : c"`, false},
		{approx, `1`, `1.0`, true}, {approx, `1.0000001`, `1`, true}, {approx, `1.00001`, `1`, false}, {approx, `1000000.5`, `1000000.0`, true},
		{approx, `1e-7`, `0.0`, true}, {approx, `[1, null]`, `[1, 0]`, false}, {approx, `"1"`, `1`, false}, {approx, `true`, `1`, false},
		{classOnly, `"TypeError : x"`, `"TypeError : y"`, true},
		{classOnly, `"TypeError : x"`, `"ValueError : x"`, false}, {classOnly, `"TypeError"`, `"TypeError : y"`, false},
		{classOnly, `"Script is empty."`, `"Script is empty"`, false}, {classOnly, `{"m": "A : 1", "n": 1}`, `{"m": "A : 2", "n": 1.0}`, false},
		{classOnly, `"a: b : c"`, `"a: b : d"`, false},
	} {
		have, errH := parse(c.have)
		want, errW := parse(c.want)
		if errH != nil || errW != nil {
			t.Fatal(errH, errW)
		}
		if d := c.rule.diff(have, want, "$"); (d == "") != c.equal {
			t.Errorf("%+v: comparing %s with %s: %q", c.rule, c.have, c.want, d)
		}
	}
}

func TestParseRejectsInvalidJSON(t *testing.T) {
	for _, text := range []string{"", "NaN", "[Infinity]", "1 2", `{"a": }`, "'a'", `"a`, "01"} {
		if v, err := parse(text); err == nil {
			t.Errorf("parse(%q) = %v, want an error", text, v)
		}
	}
}

func TestRulesDifferences(t *testing.T) {
	want := Response{Status: 200, Headers: map[string]string{"Content-Type": "application/json", "ETag": `"x"`}, BodyIsJSON: true,
		BodyText: `{"a": 1, "id": "u", "deep": [{"id": 1}]}`}
	text := Response{Status: 404, BodyText: "id 123e4567-e89b-42d3-a456-426614174000"}
	for name, c := range map[string]struct {
		rules   Rules
		want    Response
		status  int
		headers http.Header
		body    string
		n       int
	}{
		"equal":                        {Rules{Body: bodyExact}, want, 200, nil, want.BodyText, 0},
		"status":                       {Rules{Body: bodyExact}, want, 201, nil, want.BodyText, 1},
		"status and body":              {Rules{Body: bodyExact}, want, 201, nil, "1", 2},
		"ignored body":                 {Rules{Body: bodyIgnore, Headers: []string{"Etag"}}, want, 200, nil, "x", 0},
		"ignored body, status":         {Rules{Body: bodyIgnore}, want, 500, nil, "x", 1},
		"status in list":               {Rules{Status: statusIn, StatusIn: []int{200, 404}, Body: bodyExact}, want, 404, nil, "x", 0},
		"status in list, body differs": {Rules{Status: statusIn, StatusIn: []int{200, 404}, Body: bodyExact}, want, 200, nil, "x", 1},
		"status not in list":           {Rules{Status: statusIn, StatusIn: []int{200, 404}, Body: bodyIgnore}, want, 500, nil, "x", 1},
		"headers equal": {Rules{Body: bodyExact, Headers: []string{"content-type", "Etag", "Vary"}}, want, 200,
			http.Header{"Content-Type": {"application/json"}, "Etag": {`"x"`}}, want.BodyText, 0},
		"header missing":             {Rules{Body: bodyExact, Headers: []string{"Etag"}}, want, 200, nil, want.BodyText, 1},
		"extra header":               {Rules{Body: bodyExact, Headers: []string{"Vary"}}, want, 200, http.Header{"Vary": {"*"}}, want.BodyText, 1},
		"header not compared":        {Rules{Body: bodyExact}, want, 200, http.Header{"Vary": {"*"}}, want.BodyText, 0},
		"volatile at top level":      {Rules{Body: bodyExact, Volatile: []string{"$.id"}}, want, 200, nil, `{"a": 1, "id": "v", "deep": [{"id": 1}]}`, 0},
		"volatile at top level only": {Rules{Body: bodyExact, Volatile: []string{"$.id"}}, want, 200, nil, `{"a": 1, "id": "v", "deep": [{"id": 2}]}`, 1},
		"volatile anywhere":          {Rules{Body: bodyExact, Volatile: []string{"$..id"}}, want, 200, nil, `{"a": 1, "deep": [{}]}`, 0},
		"body is not JSON":           {Rules{Body: bodyExact}, want, 200, nil, "x", 1},
		"text":                       {Rules{Body: bodyText}, text, 404, nil, text.BodyText, 0},
		"text with other UUID":       {Rules{Body: bodyExact}, text, 404, nil, "id 00000000-0000-4000-8000-000000000000", 0},
		"different text":             {Rules{Body: bodyText}, text, 404, nil, text.BodyText + " ", 1},
		"body left out":              {Rules{Body: bodyText}, Response{Status: 200, BodyLeftOut: true}, 200, nil, "x", 0},
	} {
		if got := c.rules.differences(c.want, actualResponse{c.status, c.headers, c.body}); len(got) != c.n {
			t.Errorf("%s: differences %q, want %d", name, got, c.n)
		}
	}
}

func TestUnknownRulesRejected(t *testing.T) {
	valid := Rules{Status: statusExact, Body: bodyApprox, RelTol: 1e-9, Volatile: []string{"$.a", "$..b_c"}, Then: "compare"}
	if err := valid.check(); err != nil {
		t.Error(err)
	}
	for _, invalidate := range []func(*Rules){
		func(r *Rules) { r.Status = "" }, func(r *Rules) { r.Body = "json" }, func(r *Rules) { r.RelTol = 0 }, func(r *Rules) { r.Then = "x" },
		func(r *Rules) { r.Volatile = []string{"$a"} }, func(r *Rules) { r.Volatile = []string{"$.a.b"} }, func(r *Rules) { r.Log = []string{"("} },
	} {
		r := valid
		invalidate(&r)
		if r.check() == nil {
			t.Errorf("rules accepted: %+v", r)
		}
	}
	for _, c := range []Case{
		{Kind: kindStartup, Config: "default", Compare: valid}, {Kind: "other", Config: "default", Compare: valid}, {Config: "none", Compare: valid},
		{Config: "default", Compare: valid, Env: map[string]string{"A": "b"}}, {Config: "default"},
	} {
		if c.check() == nil {
			t.Errorf("case accepted: %+v", c)
		}
	}
	if _, err := Load("no such group"); err == nil {
		t.Error("Load of an unknown group succeeded")
	}
}

// Each JSON body is recorded as text and in parsed form, which must agree.
func TestRecordedBodyMatchesText(t *testing.T) {
	for _, group := range allGroups {
		for _, c := range mustLoad(t, group) {
			if !c.Response.BodyIsJSON {
				continue
			}
			text, errT := parse(c.Response.BodyText)
			body, errB := parse(string(c.Response.Body))
			if errT != nil || errB != nil {
				t.Fatal(errT, errB)
			}
			if d := (comparison{}).diff(text, body, "$"); d != "" {
				t.Errorf("%s, %s: %s", group, c.Name, d)
			}
		}
	}
}

// wireBytes returns a request as it is sent to the server.
func wireBytes(t *testing.T, q Request) string {
	t.Helper()
	r := &runningServer{url: "http://h:1", server: ServerSpec{Port: 1}}
	httpRequest, err := r.build(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	w := bufio.NewWriter(&out)
	if err := httpRequest.Write(w); err != nil {
		t.Fatal(err)
	}
	_ = w.Flush()
	return out.String()
}

func TestRequestsSentAsRecorded(t *testing.T) {
	body, empty, long := "a${PORT}", "", "0123456789"
	post := func(q Request) Request {
		q.Method, q.Path = "POST", "/x"
		return q
	}
	const head = "POST /x HTTP/1.1\r\nHost: h:1\r\n"
	for want, q := range map[string]Request{
		"GET /../%2e%2e//x?a HTTP/1.1\r\nHost: h:1\r\n\r\n":     {Method: "GET", Path: "/../%2e%2e//x?a"},
		"FOO /x HTTP/1.1\r\nHost: h:1\r\ntabpy-User: a\r\n\r\n": {Method: "FOO", Path: "/x", Headers: map[string]string{"tabpy-User": "a"}},

		head + "Content-Length: 2\r\n\r\na1":                                             post(Request{Body: &body}),
		head + "Content-Length: 0\r\n\r\n":                                               post(Request{Body: &empty}),
		head + "Content-Length: 3\r\n\r\n\xff\x00x":                                      post(Request{BodyBase64: []byte("\xff\x00x")}),
		head + "Content-Length: 6\r\n\r\n<yyyy>":                                         post(Request{BodyGen: &GeneratedBody{"<", "yy", 2, ">"}}),
		head + "Transfer-Encoding: chunked\r\n\r\n7\r\n0123456\r\n3\r\n789\r\n0\r\n\r\n": post(Request{Body: &long, Transfer: "chunked"}),
	} {
		if got := wireBytes(t, q); got != want {
			t.Errorf("%+v:\n%q, want\n%q", q, got, want)
		}
	}
}

func TestConfigPlaceholdersFilled(t *testing.T) {
	s := newServerSpec(t, Case{Config: "subdir"}, "", nil)
	for _, want := range []string{fmt.Sprintf("TABPY_PORT = %d\n", s.Port), "TABPY_STATE_PATH = " + s.StatePath + "\n"} {
		if !strings.Contains(s.ConfigText, want) {
			t.Errorf("%q is missing from %q", want, s.ConfigText)
		}
	}
	if strings.Contains(s.ConfigText+s.StateINI, "${") || !strings.Contains(s.StateINI, "Subdirectory = sub/dir") {
		t.Errorf("unexpected configuration %q or state.ini %q", s.ConfigText, s.StateINI)
	}
}
