package httpapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tabcell/runtime"
)

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
