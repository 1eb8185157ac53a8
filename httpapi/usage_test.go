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
	for _, text := range []string{b.Curl, b.Tableau.Script, b.Tableau.Model} {
		if strings.Contains(text, "reboot") {
			t.Errorf("a formula or a command line has a text of the model: %s", text)
		}
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
		x := newExample("m", "", c.parameters, nil)
		if got := x.tableau(); got.Script != c.script || got.Model != c.model {
			t.Errorf("examples %+v, want %s and %s", got, c.script, c.model)
		}
		if got := x.curl("http://h", ""); got != c.curl {
			t.Errorf("curl returned %s, want %s", got, c.curl)
		}
	}
}

// The types of the arguments and of the result come from the schema, the sample, or annotations.
func TestUsageTypes(t *testing.T) {
	parameters := []runtime.Parameter{{Name: "name", Annotation: "list[int]"}, {Name: "amount"}, {Name: "open", Annotation: "list[bool]"}, {Name: "x]"}}
	schema := `{"input": {"type": "object", "properties": {"name": {"type": "string"}}}, "sample": {"input": {"amount": [1, 2.5]}, "output": [1, null]}}`
	x := newExample("m", "(name, amount, open, x) -> float", parameters, json.RawMessage(schema))
	want := tableauBody{
		Script: `SCRIPT_INT("return tabpy.query('m', _arg1, _arg2, _arg3, _arg4)['response']", ATTR([name]), SUM([amount]), ATTR([open]), SUM([arg4]))`,
		Model:  `MODEL_EXTENSION_INT("m", "name", "amount", "open", "arg4", ATTR([name]), SUM([amount]), ATTR([open]), SUM([arg4]))`,
		Result: intType,
	}
	if got := x.tableau(); got != want {
		t.Errorf("formulas %+v, want %+v", got, want)
	}
	curl := `curl -u NAME -d '{"data": {"amount": [1, 2.5], "arg4": [1, 2, 3], "name": ["a", "b", "c"], "open": [true, false, true]}}' 'http://h/query/m'`
	if got := x.curl("http://h", "-u NAME "); got != curl {
		t.Errorf("curl %s, want %s", got, curl)
	}
	for annotation, want := range map[string]valueType{
		"float": realType, "list[int]": intType, "int | float": realType, "numpy.int64": intType, "str | None": strType, "Sequence[bool]": boolType,
		"numpy.str_": strType, "dict[str, int]": unknownType, "pd.Series": unknownType, "point": unknownType, "": unknownType,
	} {
		if got := typeOfAnnotation(annotation); got != want {
			t.Errorf("annotation %q: type %q, want %q", annotation, got, want)
		}
	}
	for text, want := range map[string]valueType{
		`{"type": "integer"}`: intType, `{"type": ["integer", "null", "number"]}`: realType, `{"type": "array", "items": {"type": "string"}}`: strType,
		`{"anyOf": [{"type": "boolean"}, {"type": "boolean"}]}`: boolType, `{"anyOf": [{"type": "boolean"}, {"type": "string"}]}`: unknownType,
		`{"type": "array"}`: unknownType, `{"type": "array", "items": [{"type": "string"}]}`: unknownType, `{"type": "object"}`: unknownType,
		`{"type": 5}`: unknownType, `[]`: unknownType, `"{'a': 1}"`: unknownType, `null`: unknownType, ``: unknownType, `{"type": "string", "items": 1}`: strType,
	} {
		if got := parseSchema(json.RawMessage(`{"output": ` + text + `}`)).result("(x)"); got != want {
			t.Errorf("schema %s: type %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]valueType{
		`5`: intType, `-5`: intType, `1e3`: realType, `"a"`: strType, `true`: boolType, `[1, 2.0]`: realType, `[1, "a"]`: unknownType, `[]`: unknownType,
		`null`: unknownType, `{}`: unknownType, ``: unknownType, `[[1], [2]]`: intType,
	} {
		if got := typeOfValue(json.RawMessage(text)); got != want {
			t.Errorf("value %s: type %q, want %q", text, got, want)
		}
	}
}
