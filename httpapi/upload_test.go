package httpapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
)

// TestUploads work where scripts are not allowed.
func TestUploads(t *testing.T) {
	s := newEndpointServer(t, nil, func(c *Config) { c.EvaluateEnabled = false })
	path := "/endpoints/my%20model/source?function=add&description=100%25%20%C3%BC&public=true&requires=numpy,scipy"
	s.do("POST", path, "add", "Content-Type", "text/x-python").want(t, 201,
		`{"name": "my model", "version": 1, "signature": "(x, y=1)", "docstring": "Adds x and y", "usage": "/endpoints/my%20model/usage"}`)
	e, _ := s.registry.Get("my model")
	if v := e.Current(); v.Kind != registry.Source || v.Function != "add" || strings.Join(v.Requires, " ") != "numpy scipy" || e.Description != "100% ü" || !e.Public {
		t.Errorf("%+v", e)
	}
	s.do("POST", "/query/my%20model", `{"data": {"x": [1]}}`).wantStatus(t, 200)

	s.models.On("other", runtime.ModelInfo{Docstring: "new"}, runtimetest.Returns("5"))
	s.do("PUT", "/endpoints/my%20model/source?function=add", "other").wantStatus(t, 200)
	if e, _ := s.registry.Get("my model"); e.Version != 2 || e.Docstring != "new" || e.Description != "100% ü" || !e.Public {
		t.Errorf("%+v", e)
	}
	s.do("PUT", "/endpoints/my%20model/source", "answer 1", "If-None-Match", "*").want(t, 400, `{"message": "endpoint my model already exists.", "info": {}}`)
	s.do("PUT", "/endpoints/my%20model/source", "syntax error").want(t, 422,
		`{"message": "The model cannot be loaded, and nothing was changed.", "info": "NotImplementedError : the fake engine does not know this model"}`)
	s.do("PUT", "/endpoints/my%20model/source?public=perhaps", "add").want(t, 400, `{"message": "public must be true or false.", "info": {}}`)
	s.do("PUT", "/endpoints/a%2fb/source", "add").want(t, 400, `{"message": "endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.", "info": {}}`)
	s.do("PUT", "/endpoints/a/b/source", "add").wantStatus(t, 405)
	s.do("PUT", "/endpoints/empty/source", "").wantStatus(t, 422)
	if e, _ := s.registry.Get("my model"); e.Version != 2 || len(s.registry.List()) != 1 {
		t.Errorf("%+v", s.registry.List())
	}

	s.models.On("\x80\x05pickle", addInfo, runtimetest.Returns("6"))
	s.do("PUT", "/endpoints/pickled/archive", "\x80\x05pickle", "Content-Type", "application/octet-stream").wantStatus(t, 201)
	if e, _ := s.registry.Get("pickled"); e.Current().Kind != registry.Pickle || e.Current().Function != "" {
		t.Errorf("%+v", e)
	}
}

// TestDeploymentsThatBringTheirCode: TabPy's requests with the code in place of src_path.
func TestDeployWithInlineCode(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.do("POST", "/endpoints", toJSON(map[string]any{"name": "m", "source": "add", "function": "add", "requires": []string{"numpy"}, "schema": map[string]int{"a": 1}})).want(t, 201,
		endpointJSON("m", 1, "", `"schema": {"a": 1}, "is_public": false, "docstring": "Adds x and y"`))
	s.do("POST", "/endpoints", `{"name": "m", "source": "answer 2"}`).want(t, 400, `{"message": "endpoint m already exists.", "info": {}}`)
	s.do("POST", "/endpoints", `{"name": "m", "source": "answer 2", "override": true, "description": "d"}`).wantStatus(t, 200)
	s.do("PUT", "/endpoints/m", toJSON(map[string]any{"archive": base64.StdEncoding.EncodeToString([]byte("answer 3")), "description": "e"})).wantStatus(t, 200)
	e, _ := s.registry.Get("m")
	if e.Version != 3 || e.Current().Kind != registry.Pickle || e.Description != "e" || e.Versions[2].Requires[0] != "numpy" {
		t.Errorf("%+v", e)
	}
}

func TestUploadLimit(t *testing.T) {
	s := newEndpointServer(t, nil, func(c *Config) { c.MaxRequestBytes = 1000 })
	for _, path := range []string{"/endpoints/m/source", "/endpoints/m/archive"} {
		s.do("PUT", path, strings.Repeat("x", 1001)).wantStatus(t, 413)
	}
}

// clerk lets everybody in, with the rights that their name says.
type permissionAuthenticator struct{}

func (permissionAuthenticator) Authenticate(_ context.Context, c Credentials) (User, error) {
	if c.Name == "" {
		return User{}, &UnauthorizedError{"who?"}
	}
	return User{Name: c.Name, Query: strings.Contains(c.Name, "q"), Evaluate: strings.Contains(c.Name, "e"), Deploy: strings.Contains(c.Name, "d")}, nil
}
func (permissionAuthenticator) Challenge(Credentials) string { return "Basic" }
func (permissionAuthenticator) Methods() AuthMethods         { return AuthMethods{Basic: true} }

func asUser(name string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":x"))}
}

// TestEachRouteNeedsItsPermission: the permission is the table's, and no route of a deployment is
// open.
func TestRoutePermissions(t *testing.T) {
	s := newEndpointServer(t, permissionAuthenticator{}, nil)
	for route, need := range map[string]string{
		"GET /endpoints": "", "GET /endpoints/m": "", "GET /status": "", "GET /endpoints/m/usage": "", "GET /endpoints/m/usage.json": "",
		"POST /endpoints": "d", "PUT /endpoints/m": "d", "DELETE /endpoints/m": "d", "PUT /endpoints/m/source": "d", "POST /endpoints/m/source": "d",
		"PUT /endpoints/m/archive": "d", "POST /endpoints/m/archive": "d", "POST /endpoints/m/rollback": "d", "GET /configurations/endpoint_upload_destination": "d",
		"POST /query/m": "q", "GET /query/m": "q",
	} {
		method, path, _ := strings.Cut(route, " ")
		s.do(method, path, `{"data": []}`).wantStatus(t, 401)
		for _, name := range []string{"x", "q", "e", "d"} {
			if got := s.do(method, path, `{"data": []}`, asUser(name)...); (got.StatusCode == 403) != (need != "" && name != need) {
				t.Errorf("%s as %q: %d", route, name, got.StatusCode)
			}
		}
	}
}

// TestScriptsAskWithTheirCallersRights: what a running script may ask of the server is what its
// caller may.
func TestServicePermissions(t *testing.T) {
	s := newEndpointServer(t, permissionAuthenticator{}, nil)
	s.do("PUT", "/endpoints/m/source", "answer 7", asUser("d")...).wantStatus(t, 201)
	for service, c := range map[runtime.Service]struct{ need, name, body, code, want string }{
		runtime.ServiceQuery:  {"q", "m", `{"data": []}`, "", `200 {"response": 7, `},
		runtime.ServiceList:   {"", "", "", "", `200 {"m": {"description": `},
		runtime.ServiceStatus: {"", "", "", "", `200 {"m": {"version": `},
		runtime.ServiceDeploy: {"d", "", `{"name": "n", "type": "model", "override": true}`, "answer 8", `201 {"n": {"description": `},
		runtime.ServiceUpdate: {"d", "m", `{"description": "by script", "is_public": true}`, "", `200 {"m": {"description": "by script"`},
		runtime.ServiceRemove: {"d", "n", "", "", `204 `},
		"format":              {"-", "", "", "", ""},
	} {
		s.engine.On("ask", func(ctx context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
			status, answer := call.Services.Serve(ctx, service, c.name, []byte(c.body), []byte(c.code))
			return runtime.Result{Body: []byte(toJSON(map[string]any{"status": status, "answer": string(answer)}))}, nil
		})
		for _, rights := range []string{"e", "eq", "ed", "eqd"} {
			if service == runtime.ServiceRemove {
				s.do("PUT", "/endpoints/n/source", "answer 8", asUser("d")...)
			}
			var told struct {
				Status int
				Answer string
			}
			if err := json.Unmarshal([]byte(s.script("ask", asUser(rights)...).body), &told); err != nil {
				t.Fatal(err)
			}
			got := strings.TrimSpace(toJSON(told.Status) + " " + told.Answer)
			switch {
			case c.need == "-":
				if told.Status != 404 {
					t.Errorf("%s: %s", service, got)
				}
			case !strings.Contains(rights, c.need):
				if got != `403 {"message": "Token is missing a required endpoint scope.", "info": "Forbidden request."}` {
					t.Errorf("%s as %s: %s", service, rights, got)
				}
			case !strings.HasPrefix(got+" ", c.want):
				t.Errorf("%s as %s: %s, want %s", service, rights, got, c.want)
			}
			if service == runtime.ServiceDeploy && strings.Contains(rights, "d") {
				s.do("DELETE", "/endpoints/n", "", asUser("d")...)
			}
		}
	}
}

// TestScriptsDeployAsTabPysClientDoes: with override or without, and what does not load is deployed
// and says so.
func TestServiceDeploy(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	serve := services{x: &request{api: s.api, Context: s.api.echo.NewContext(newEvaluateRequest(t), nil)}}
	ask := func(service runtime.Service, name, body, code string) string {
		status, answer := serve.Serve(t.Context(), service, name, []byte(body), []byte(code))
		return toJSON(status) + " " + string(answer)
	}
	want := func(got, want string) {
		t.Helper()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	want(ask(runtime.ServiceDeploy, "", `{"name": "m", "type": "model", "kind": "source", "function": "f"}`, "answer 1"), "201 ")
	want(ask(runtime.ServiceDeploy, "", `{"name": "m", "type": "model"}`, "answer 2"), `400 {"message": "endpoint m already exists."`)
	want(ask(runtime.ServiceDeploy, "", `{"name": "m", "type": "model", "override": true}`, "nonsense"), `200 {"m": {"description": "", "type": "model", "version": 2`)
	want(ask(runtime.ServiceStatus, "", "", ""), `200 {"m": {"version": 2, "type": "model", "status": "LoadFailed"`)
	want(ask(runtime.ServiceDeploy, "", `{`, ""), "400 ")
	want(ask(runtime.ServiceDeploy, "", `{"name": "m", "kind": "exe", "override": true}`, "x"), "400 ")
	want(ask(runtime.ServiceQuery, "../../etc", `{"data": []}`, ""), `404 {"message": "UnknownURI"`)
	want(ask(runtime.ServiceRemove, "none", "", ""), "404 ")
	want(ask(runtime.ServiceUpdate, "none", "{}", ""), "404 ")
	want(ask(runtime.ServiceUpdate, "m", "", ""), "400 ")
}

// TestQueriesNestToADepth: a model that asks for itself ends.
func TestQueryDepth(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	deepest := 0
	s.models.On("again", addInfo, func(ctx context.Context, call runtime.Call, data json.RawMessage) (runtime.Result, error) {
		deepest++
		_, answer := call.Services.Serve(ctx, runtime.ServiceQuery, "m", call.Body, nil)
		return runtime.Result{Body: answer}, nil
	})
	s.do("PUT", "/endpoints/m/source", "again").wantStatus(t, 201)
	got := s.do("POST", "/query/m", `{"data": []}`)
	if got.StatusCode != 200 || !strings.Contains(got.body, "Queries are nested more than 8 deep.") || deepest != 1+maxQueryDepth {
		t.Errorf("%d deep: %d %s", deepest, got.StatusCode, got.body)
	}
}
