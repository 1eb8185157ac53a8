package httpapi

import (
	"encoding/base64"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
)

// Uploads work even if evaluation is disabled.
func TestUploads(t *testing.T) {
	s := newEndpointServer(t, nil, func(c *Config) { c.EvaluateEnabled = false })
	path := "/endpoints/my%20model/source?function=add&description=100%25%20%C3%BC&public=true&requires=numpy,scipy"
	s.do("POST", path, "add", "Content-Type", "text/x-python").want(t, 201,
		`{"name": "my model", "version": 1, "signature": "(x, y=1)", "docstring": "Adds x and y", "usage": "/endpoints/my%20model/usage"}`)
	e, _ := s.registry.Get("my model")
	if v := e.Current(); v.Kind != registry.Source || v.Function != "add" || strings.Join(v.Requires, " ") != "numpy scipy" || e.Description != "100% ü" || !e.Public {
		t.Errorf("endpoint %+v", e)
	}
	s.do("POST", "/query/my%20model", `{"data": {"x": [1]}}`).wantStatus(t, 200)

	s.models.On("other", runtime.ModelInfo{Docstring: "new"}, runtimetest.Returns("5"))
	s.do("PUT", "/endpoints/my%20model/source?function=add", "other").wantStatus(t, 200)
	if e, _ := s.registry.Get("my model"); e.Version != 2 || e.Docstring != "new" || e.Description != "100% ü" || !e.Public {
		t.Errorf("endpoint %+v", e)
	}
	s.do("PUT", "/endpoints/my%20model/source", "answer 1", "If-None-Match", "*").want(t, 400, `{"message": "endpoint my model already exists.", "info": {}}`)
	s.do("PUT", "/endpoints/my%20model/source", "syntax error").want(t, 422,
		`{"message": "The model cannot be loaded, and nothing was changed.", "info": "NotImplementedError : the fake engine does not know this model"}`)
	s.do("PUT", "/endpoints/my%20model/source?public=perhaps", "add").want(t, 400, `{"message": "public must be true or false.", "info": {}}`)
	s.do("PUT", "/endpoints/a%2fb/source", "add").want(t, 400, `{"message": "endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.", "info": {}}`)
	s.do("PUT", "/endpoints/a/b/source", "add").wantStatus(t, 405)
	s.do("PUT", "/endpoints/empty/source", "").wantStatus(t, 422)
	if e, _ := s.registry.Get("my model"); e.Version != 2 || len(s.registry.List()) != 1 {
		t.Errorf("endpoints %+v, want version 2 of my model", s.registry.List())
	}

	s.models.On("\x80\x05pickle", addInfo, runtimetest.Returns("6"))
	s.do("PUT", "/endpoints/pickled/archive", "\x80\x05pickle", "Content-Type", "application/octet-stream").wantStatus(t, 201)
	if e, _ := s.registry.Get("pickled"); e.Current().Kind != registry.Pickle || e.Current().Function != "" {
		t.Errorf("endpoint %+v", e)
	}
}

// TabPy's requests can contain the code in place of src_path.
func TestDeployWithInlineCode(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.do("POST", "/endpoints", toJSON(map[string]any{"name": "m", "source": "add", "function": "add", "requires": []string{"numpy"}, "schema": map[string]int{"a": 1}})).want(t, 201,
		endpointJSON("m", 1, "", `"schema": {"a": 1}, "is_public": false, "docstring": "Adds x and y"`))
	s.do("POST", "/endpoints", `{"name": "m", "source": "answer 2"}`).want(t, 400, `{"message": "endpoint m already exists.", "info": {}}`)
	s.do("POST", "/endpoints", `{"name": "m", "source": "answer 2", "override": true, "description": "d"}`).wantStatus(t, 200)
	s.do("PUT", "/endpoints/m", toJSON(map[string]any{"archive": base64.StdEncoding.EncodeToString([]byte("answer 3")), "description": "e"})).wantStatus(t, 200)
	e, _ := s.registry.Get("m")
	if e.Version != 3 || e.Current().Kind != registry.Pickle || e.Description != "e" || e.Versions[2].Requires[0] != "numpy" {
		t.Errorf("endpoint %+v", e)
	}
}

func TestUploadLimit(t *testing.T) {
	s := newEndpointServer(t, nil, func(c *Config) { c.MaxRequestBytes = 1000 })
	for _, path := range []string{"/endpoints/m/source", "/endpoints/m/archive"} {
		s.do("PUT", path, strings.Repeat("x", 1001)).wantStatus(t, 413)
	}
}
