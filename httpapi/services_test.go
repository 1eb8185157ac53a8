package httpapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tabcell/runtime"
)

// A running script has the permissions of its caller.
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
		s.engine.On("call", func(ctx context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
			status, response := call.Services.Serve(ctx, service, c.name, []byte(c.body), []byte(c.code))
			return runtime.Result{Body: []byte(toJSON(map[string]any{"status": status, "response": string(response)}))}, nil
		})
		for _, permissions := range []string{"e", "eq", "ed", "eqd"} {
			if service == runtime.ServiceRemove {
				s.do("PUT", "/endpoints/n/source", "answer 8", asUser("d")...)
			}
			var result struct {
				Status   int
				Response string
			}
			if err := json.Unmarshal([]byte(s.script("call", asUser(permissions)...).body), &result); err != nil {
				t.Fatal(err)
			}
			got := strings.TrimSpace(toJSON(result.Status) + " " + result.Response)
			switch {
			case c.need == "-":
				if result.Status != 404 {
					t.Errorf("%s: got %s, want 404", service, got)
				}
			case !strings.Contains(permissions, c.need):
				if !strings.HasPrefix(got, `403 {"message": "This request requires the role \"`) {
					t.Errorf("%s with permissions %s: got %s, want 403", service, permissions, got)
				}
			case !strings.HasPrefix(got+" ", c.want):
				t.Errorf("%s with permissions %s: got %s, want %s", service, permissions, got, c.want)
			}
			if service == runtime.ServiceDeploy && strings.Contains(permissions, "d") {
				s.do("DELETE", "/endpoints/n", "", asUser("d")...)
			}
		}
	}
}

// Scripts deploy like TabPy's client: without override, an existing endpoint is an error, and a
// model that does not load is deployed with the status LoadFailed.
func TestServiceDeploy(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	serve := services{req: &request{api: s.api, user: User{Roles: AllRoles, Scopes: AllRoles}, Context: s.api.echo.NewContext(newEvaluateRequest(t), nil)}}
	call := func(service runtime.Service, name, body, code string) string {
		status, response := serve.Serve(t.Context(), service, name, []byte(body), []byte(code))
		return toJSON(status) + " " + string(response)
	}
	want := func(got, want string) {
		t.Helper()
		if !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want prefix %s", got, want)
		}
	}
	want(call(runtime.ServiceDeploy, "", `{"name": "m", "type": "model", "kind": "source", "function": "f"}`, "answer 1"), "201 ")
	want(call(runtime.ServiceDeploy, "", `{"name": "m", "type": "model"}`, "answer 2"), `400 {"message": "endpoint m already exists."`)
	want(call(runtime.ServiceDeploy, "", `{"name": "m", "type": "model", "override": true}`, "nonsense"), `200 {"m": {"description": "", "type": "model", "version": 2`)
	want(call(runtime.ServiceStatus, "", "", ""), `200 {"m": {"version": 2, "type": "model", "status": "LoadFailed"`)
	want(call(runtime.ServiceDeploy, "", `{`, ""), "400 ")
	want(call(runtime.ServiceDeploy, "", `{"name": "m", "kind": "exe", "override": true}`, "x"), "400 ")
	want(call(runtime.ServiceQuery, "../../etc", `{"data": []}`, ""), `404 {"message": "UnknownURI"`)
	want(call(runtime.ServiceRemove, "none", "", ""), "404 ")
	want(call(runtime.ServiceUpdate, "none", "{}", ""), "404 ")
	want(call(runtime.ServiceUpdate, "m", "", ""), "400 ")
}

// The nesting of queries is limited, for example if a model queries itself.
func TestQueryDepth(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	depth := 0
	s.models.On("recurse", addInfo, func(ctx context.Context, call runtime.Call, data json.RawMessage) (runtime.Result, error) {
		depth++
		_, response := call.Services.Serve(ctx, runtime.ServiceQuery, "m", call.Body, nil)
		return runtime.Result{Body: response}, nil
	})
	s.do("PUT", "/endpoints/m/source", "recurse").wantStatus(t, 201)
	got := s.do("POST", "/query/m", `{"data": []}`)
	if got.StatusCode != 200 || !strings.Contains(got.body, "Queries are nested more than 8 deep.") || depth != 1+maxQueryDepth {
		t.Errorf("depth %d, response %d %s", depth, got.StatusCode, got.body)
	}
}
