package httpapi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The messages are TabPy's, and so is the order of the checks.
func TestInvalidDeployRequests(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	src := s.stage("add", "1", "add")
	s.do("POST", "/endpoints", deployBody("add", src)).wantStatus(t, 201)
	quoted := toJSON(src)
	adding := `{"message": "error adding endpoint", "info": `
	state := `{"message": "Error when changing TabPy state: `
	for _, c := range []struct {
		method, body string
		status       int
		want         string
	}{
		{"POST", ``, 400, `{"message": "Input body cannot be empty", "info": {}}`},
		{"POST", `x`, 400, `{"message": "Failed to decode input body", "info": "Expecting value: line 1 column 1 (char 0)"}`},
		{"POST", "\xff", 400, `{"message": "Failed to decode input body", "info": "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"}`},
		{"POST", `{}`, 400, `{"message": "name is required to add an endpoint.", "info": {}}`},
		{"POST", `[]`, 400, `{"message": "name is required to add an endpoint.", "info": {}}`},
		{"POST", `"x"`, 400, `{"message": "name is required to add an endpoint.", "info": {}}`},
		{"POST", `null`, 500, adding + `"TypeError : argument of type 'NoneType' is not iterable"}`},
		{"POST", `5`, 500, adding + `"TypeError : argument of type 'int' is not iterable"}`},
		{"POST", `{"name": 1}`, 500, adding + `"TypeError : Endpoint name must be a string"}`},
		{"POST", `{"name": null}`, 500, adding + `"TypeError : Endpoint name must be a string"}`},
		{"POST", `{"name": []}`, 500, adding + `"TypeError : unhashable type: 'list'"}`},
		{"POST", `{"name": {}}`, 500, adding + `"TypeError : unhashable type: 'dict'"}`},
		{"POST", `{"name": "add"}`, 400, `{"message": "endpoint add already exists.", "info": {}}`},
		{"POST", `{"name": "a:b", "type": "model"}`, 400, `{"message": "endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.", "info": {}}`},
		{"POST", `{"name": "", "type": "model"}`, 400, `{"message": "endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.", "info": {}}`},
		{"POST", `{"name": "x\n", "type": "model"}`, 400, `{"message": "endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.", "info": {}}`},
		{"POST", `{"name": "\ud800"}`, 400, `{"message": "endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.", "info": {}}`},
		{"POST", `{"name": "a", "docstring": 5}`, 500, adding + `"TypeError : encoding without a string argument"}`},
		{"POST", `{"name": "a", "type": "model"}`, 400, `{"message": "src_path is required to add/update an endpoint.", "info": {}}`},
		{"POST", `{"name": "a", "type": "model", "src_path": ""}`, 400, `{"message": "src_path is required to add/update an endpoint.", "info": {}}`},
		{"POST", `{"name": "a", "src_path": 5}`, 400, `{"message": "src_path must be a string.", "info": {}}`},
		{"POST", `{"name": "a", "src_path": "/no*pe"}`, 400, `{"message": "Invalid source path for endpoint a", "info": {}}`},
		{"POST", `{"name": "a", "src_path": "/nope/1"}`, 500, adding + `"FileNotFoundError : [Errno 2] No such file or directory: '/nope/1'"}`},
		{"POST", `{"name": "a", "src_path": "C:\\nope"}`, 500, adding + `"FileNotFoundError : [Errno 2] No such file or directory: 'C:\\\\nope'"}`},
		{"POST", `{"name": "a", "type": "alias"}`, 400, `{"message": "Target is required for alias endpoint.", "info": {}}`},
		{"POST", `{"name": "a", "type": "alias", "target": "b"}`, 400, state + `target endpoint is not valid.", "info": {}}`},
		{"POST", `{"name": "a", "type": "alias", "target": 5}`, 400, state + `target must be a string.", "info": {}}`},
		{"POST", `{"name": "a", "src_path": ` + quoted + `}`, 400, state + `endpoint type must be a string.", "info": {}}`},
		{"POST", `{"name": "a", "type": 5, "src_path": ` + quoted + `}`, 400, state + `endpoint type must be a string.", "info": {}}`},
		{"POST", `{"name": "a", "type": "foo", "src_path": ` + quoted + `}`, 400, state + `endpoint type must be model or alias.", "info": {}}`},
		{"POST", `{"name": "a", "type": "model", "description": 5, "src_path": ` + quoted + `}`, 400, state + `description must be a string.", "info": {}}`},
		{"POST", `{"name": "a", "type": "model", "dependencies": "x", "src_path": ` + quoted + `}`, 400, state + `dependencies must be a list.", "info": {}}`},
		{"POST", `{"name": "a", "type": "model", "is_public": "x", "src_path": ` + quoted + `}`, 400, state + `is_public must be true or false.", "info": {}}`},
		{"POST", `{"name": "a", "type": "model", "schema": [NaN], "src_path": ` + quoted + `}`, 400, state + `schema must be JSON, without NaN and Infinity.", "info": {}}`},
		{"POST", `{"name": "a", "source": 5}`, 400, `{"message": "source must be a string.", "info": {}}`},
		{"POST", `{"name": "a", "archive": "%"}`, 400, `{"message": "archive must be a string in base64.", "info": {}}`},
		{"POST", `{"name": "a", "source": "x", "requires": "numpy"}`, 400, `{"message": "function must be a string, and requires must be a list of strings.", "info": {}}`},
		{"POST", `{"name": "a", "source": "x"}`, 422,
			`{"message": "The model cannot be loaded, and nothing was changed.", "info": "NotImplementedError : the fake engine does not know this model"}`},

		{"PUT /endpoints/none", ``, 400, `{"message": "Input body cannot be empty", "info": {}}`},
		{"PUT /endpoints/none", `x`, 400, `{"message": "Failed to decode input body", "info": "Expecting value: line 1 column 1 (char 0)"}`},
		{"PUT /endpoints/none", `{"x": 1}`, 404, `{"message": "endpoint none does not exist.", "info": {}}`},
		{"PUT /endpoints/", `{"x": 1}`, 404, `{"message": "endpoint None does not exist.", "info": {}}`},
		{"PUT /endpoints/add", `[]`, 500, `{"message": "AttributeError : 'list' object has no attribute 'get'", "info": {}}`},
		{"PUT /endpoints/add", `null`, 500, `{"message": "AttributeError : 'NoneType' object has no attribute 'get'", "info": {}}`},
		{"PUT /endpoints/add", `{}`, 400, `{"message": "src_path is required to add/update an endpoint.", "info": {}}`},
		{"PUT /endpoints/add", `{"src_path": "/nope/1"}`, 500, `{"message": "FileNotFoundError : [Errno 2] No such file or directory: '/nope/1'", "info": {}}`},
		{"PUT /endpoints/add", `{"src_path": "/nope/1", "should_update_version": true}`, 500, `{"message": "FileNotFoundError : [Errno 2] No such file or directory: '/nope/1'", "info": {}}`},
		{"PUT /endpoints/add", `{"description": 5, "src_path": ` + quoted + `}`, 400, state + `description must be a string.", "info": {}}`},
		{"PUT /endpoints/add", `{"source": "x"}`, 422,
			`{"message": "The model cannot be loaded, and nothing was changed.", "info": "NotImplementedError : the fake engine does not know this model"}`},
	} {
		method, path, ok := strings.Cut(c.method, " ")
		if !ok {
			path = "/endpoints"
		}
		got := s.do(method, path, c.body)
		if got.StatusCode != c.status || got.body != c.want {
			t.Errorf("%s with body %s\n got %d %s\nwant %d %s", c.method, c.body, got.StatusCode, got.body, c.status, c.want)
		}
		got.wantHeader(t, "Content-Type", jsonPlain)
	}
	if e, _ := s.registry.Get("add"); len(s.registry.List()) != 1 || e.Version != 1 || e.Description != "Adds" || s.models.Loaded() != 1 {
		t.Errorf("after the invalid requests, endpoints %+v, %d models loaded", s.registry.List(), s.models.Loaded())
	}
}

// Percent signs, escapes and non-ASCII characters are kept. TabPy garbles them.
func TestMetadataIsNotGarbled(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	src := s.stage("add", "1", "add")
	text := "100% süß \\n \\d \U0001f600 </b>"
	body := toJSON(map[string]any{"name": "m", "type": "model", "src_path": src, "docstring": text, "description": text, "schema": map[string]string{"%(x)s": text}, "dependencies": []string{"other"}})
	s.do("POST", "/endpoints", body).wantStatus(t, 201)
	for range 3 {
		s.do("PUT", "/endpoints/m", toJSON(map[string]any{"src_path": src, "should_update_version": true, "schema": map[string]string{"%(x)s": text}})).wantStatus(t, 200)
	}
	e, _ := s.registry.Get("m")
	if e.Docstring != text || e.Description != text || e.Dependencies[0] != "other" || e.Version != 4 {
		t.Errorf("endpoint %+v, want docstring and description %q", e, text)
	}
	got := s.do("GET", "/endpoints/m", "")
	escaped := `100% s\u00fc\u00df \\n \\d \ud83d\ude00 </b>`
	schema := strings.Replace(escaped, "</b>", `\u003c/b\u003e`, 1) // as in the request
	if want := `"schema": {"%(x)s": "` + schema + `"}, "is_public": false, "docstring": "` + escaped + `"}`; !strings.HasSuffix(got.body, want) {
		t.Errorf("endpoint %s, want suffix %s", got.body, want)
	}
}

func TestAliases(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	for name, code := range map[string]string{"one": "answer 1", "two": "answer 2"} {
		s.do("POST", "/endpoints/"+name+"/source", code).wantStatus(t, 201)
	}
	s.do("POST", "/endpoints", `{"name": "a", "type": "alias", "target": "one", "description": "d"}`).want(t, 201,
		`{"a": {"description": "d", "type": "alias", "version": 1, "dependencies": [], "target": "one", "creation_time": 100, "last_modified_time": 100, `+
			`"schema": null, "is_public": false, "docstring": ""}}`)
	s.do("PUT", "/endpoints/a", `{"type": "alias", "target": "two"}`).wantStatus(t, 200)
	if got := s.do("POST", "/query/a", `{"data": []}`); !strings.HasPrefix(got.body, `{"response": 2, "version": 1, "model": "two"`) {
		t.Errorf("query of the alias returned %d %s", got.StatusCode, got.body)
	}
	s.do("PUT", "/endpoints/a", `{"type": "alias", "target": "none"}`).wantStatus(t, 400)
	s.do("PUT", "/endpoints/a", `{"type": "alias", "target": "a"}`).wantStatus(t, 400)
	s.do("PUT", "/endpoints/a", `{"description": "other"}`).wantStatus(t, 200)
	if e, _ := s.registry.Get("a"); e.Target != "two" || e.Description != "other" {
		t.Errorf("alias %+v, want target two and description other", e)
	}
	s.do("PUT", "/endpoints/two/source", "answer 3").wantStatus(t, 200)
	if got := s.do("POST", "/query/a", `{"data": []}`); !strings.HasPrefix(got.body, `{"response": 3, "version": 2, "model": "two"`) {
		t.Errorf("query of the alias returned %d %s", got.StatusCode, got.body)
	}
}

func TestRollback(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	for _, code := range []string{"answer 1", "answer 2", "answer 3"} {
		s.do("PUT", "/endpoints/m/source", code)
	}
	s.do("POST", "/endpoints/m/rollback", "").wantStatus(t, 200)
	wantQuery := func(want string) {
		t.Helper()
		if got := s.do("POST", "/query/m", `{"data": []}`); !strings.HasPrefix(got.body, want) {
			t.Errorf("query returned %s, want prefix %s", got.body, want)
		}
	}
	wantQuery(`{"response": 2, "version": 4, `)
	s.do("POST", "/endpoints/m/rollback?to=1", "").wantStatus(t, 200)
	wantQuery(`{"response": 1, "version": 5, `)
	if s.models.Loaded() != 1 {
		t.Errorf("%d models are loaded, want 1", s.models.Loaded())
	}
	s.do("POST", "/endpoints/m/rollback?to=9", "").want(t, 400,
		`{"message": "Error when changing TabPy state: invalid deployment: version 9 is not kept (kept: 5, 4, 3, 2, 1)", "info": {}}`)
	s.do("POST", "/endpoints/m/rollback?to=x", "").want(t, 400, `{"message": "to is \"x\"; it must be a positive integer.", "info": {}}`)
	s.do("POST", "/endpoints/none/rollback", "").want(t, 404, `{"message": "endpoint none does not exist.", "info": {}}`)
}

// If the staged files cannot be removed, the endpoint is removed nevertheless, and the failure is
// logged.
func TestRemoveWithoutStagedFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newEndpointServer(t, nil, func(c *Config) { c.Staging = file })
	s.do("PUT", "/endpoints/m/source", "answer 1").wantStatus(t, 201)
	s.do("DELETE", "/endpoints/m", "").wantStatus(t, 204)
	if log := s.log.String(); !strings.Contains(log, "its staged files could not be removed") {
		t.Errorf("the failure was not logged:\n%s", log)
	}
}

// A request without a name must not change an endpoint with the name "None".
func TestEndpointNamedNone(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.do("PUT", "/endpoints/None/source", "answer 1").wantStatus(t, 201)
	const missing = `{"message": "endpoint None does not exist.", "info": {}}`
	s.do("DELETE", "/endpoints/", "").want(t, 404, missing)
	s.do("PUT", "/endpoints/", `{"source": "answer 2"}`).want(t, 404, missing)
	s.do("PUT", "/endpoints/", "").want(t, 400, `{"message": "Input body cannot be empty", "info": {}}`)
	s.do("POST", "/query/None", `{"data": []}`).wantStatus(t, 200)
}
