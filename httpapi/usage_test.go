package httpapi

import (
	"encoding/json"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

func TestUsage(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.do("PUT", "/endpoints/my%20add/source?function=add&description=Adds", "add").wantStatus(t, 201)
	s.do("POST", "/query/my%20add", `{"data": []}`).wantStatus(t, 200)
	var b usageBody
	got := s.do("GET", "/endpoints/my%20add/usage", "", "Accept", "application/json")
	if err := json.Unmarshal([]byte(got.body), &b); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if b.Signature != "(x, y=1)" || b.Status != loadSuccessful || b.Timing.Calls != 1 || b.Timing.Last == 0 || len(b.Versions) != 1 || b.Versions[0].Function != "add" {
		t.Errorf("usage %+v", b)
	}
	for want, got := range map[string]string{
		`MODEL_EXTENSION_REAL("my add", "x", SUM([x]))`:                               b.Tableau.Model,
		`SCRIPT_REAL("return tabpy.query('my add', _arg1)['response']", SUM([x]))`:    b.Tableau.Script,
		`curl -d '{"data": {"x": [1, 2, 3]}}' 'http://` + s.addr + `/query/my%20add'`: b.Curl,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	page := s.do("GET", "/endpoints/my%20add/usage", "", "Accept", "text/html,*/*;q=0.8")
	page.wantHeader(t, "Content-Type", html)
	for _, part := range []string{"<h1>my add(x, y=1)</h1>", "MODEL_EXTENSION_REAL(&#34;my add&#34;", "1 calls of this version", "curl -d"} {
		if !strings.Contains(page.body, part) {
			t.Errorf("the page does not contain %s:\n%s", part, page.body)
		}
	}
	s.do("GET", "/endpoints/my%20add/usage.json", "", "Accept", "text/html").wantHeader(t, "Content-Type", jsonPlain)
	s.do("GET", "/endpoints/none/usage", "").want(t, 404, `{"message": "Unknown endpoint", "info": "Endpoint none is not found"}`)
	s.do("GET", "/endpoints/a/b/usage", "").wantStatus(t, 404)
}

// Texts of the model are escaped, both in the page and in the command line.
func TestUsageEscapesText(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	evil := `<script>alert(1)</script>'"]` + "`$(reboot)"
	s.models.On("evil", runtime.ModelInfo{Docstring: evil, Signature: evil, Parameters: []runtime.Parameter{{Name: evil, Kind: evil, Annotation: evil}}}, runtimetest.Returns("1"))
	s.do("PUT", "/endpoints/m/source?description=%3Cscript%3E", "evil").wantStatus(t, 201)
	page := s.do("GET", "/endpoints/m/usage", "", "Accept", "text/html")
	if strings.Contains(page.body, "<script") || page.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("page:\n%s", page.body)
	}
	var b usageBody
	if err := json.Unmarshal([]byte(s.do("GET", "/endpoints/m/usage.json", "").body), &b); err != nil {
		t.Fatal(err)
	}
	if strings.Count(strings.ReplaceAll(b.Curl, `'\''`, ""), "'") != 4 {
		t.Errorf("the command line is not quoted properly: %s", b.Curl)
	}
}

func TestUsageExamples(t *testing.T) {
	p := func(kinds ...string) (list []runtime.Parameter) {
		for i, kind := range kinds {
			list = append(list, runtime.Parameter{Name: string(rune('a' + i)), Kind: kind})
		}
		return list
	}
	for _, c := range []struct {
		parameters          []runtime.Parameter
		script, model, curl string
	}{
		{nil, `SCRIPT_REAL("return tabpy.query('m', _arg1, _arg2)['response']", SUM([x]), SUM([y]))`, "", `curl -d '{"data": [[1, 2, 3], [1, 2, 3]]}' 'http://h/query/m'`},
		{p("positional or keyword", "keyword-only"), `SCRIPT_REAL("return tabpy.query('m', a=_arg1, b=_arg2)['response']", SUM([a]), SUM([b]))`,
			`MODEL_EXTENSION_REAL("m", "a", "b", SUM([a]), SUM([b]))`, `curl -d '{"data": {"a": [1, 2, 3], "b": [1, 2, 3]}}' 'http://h/query/m'`},
		{p("variadic positional", "keyword-only"), `SCRIPT_REAL("return tabpy.query('m', b=_arg1)['response']", SUM([b]))`,
			`MODEL_EXTENSION_REAL("m", "b", SUM([b]))`, `curl -d '{"data": {"b": [1, 2, 3]}}' 'http://h/query/m'`},
		{p("positional-only"), `SCRIPT_REAL("return tabpy.query('m', _arg1)['response']", SUM([a]))`, "", `curl -d '{"data": [[1, 2, 3]]}' 'http://h/query/m'`},
		{p("positional or keyword", "variadic positional", "variadic keyword"), `SCRIPT_REAL("return tabpy.query('m', _arg1, _arg2)['response']", SUM([a]), SUM([b]))`, "",
			`curl -d '{"data": [[1, 2, 3], [1, 2, 3]]}' 'http://h/query/m'`},
	} {
		got := tableauExamples("m", c.parameters)
		if got.Script != c.script || got.Model != c.model {
			t.Errorf("examples %+v, want %s and %s", got, c.script, c.model)
		}
		if got := curlExample("http://h", "m", c.parameters); got != c.curl {
			t.Errorf("curlExample returned %s, want %s", got, c.curl)
		}
	}
}
