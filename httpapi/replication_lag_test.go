package httpapi

import (
	"context"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// laggingReplication makes changes in the registry of a leader. The server has them after CatchUp.
type laggingReplication struct {
	fakeReplication // has the registry of the leader
	local           *registry.Registry
}

// CatchUp implements Replication.
func (l *laggingReplication) CatchUp(context.Context) error {
	all := map[string]registry.Endpoint{}
	for _, e := range l.List() {
		all[e.Name] = e
	}
	if l.err != nil {
		return l.err
	}
	return l.local.Reconcile(all, func(registry.Endpoint, registry.Endpoint) {})
}

// newLaggingServer returns a server with the endpoints "m" and "gone". At the leader, "m" has another
// description, "gone" was removed, and there is the alias "added".
func newLaggingServer(t *testing.T) (*endpointServer, *laggingReplication) {
	t.Helper()
	s := newEndpointServer(t, nil, func(c *Config) { c.AnonymousRoles = AllRoles })
	leader, err := registry.Open(t.TempDir(), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = leader.Close() })
	source := registry.Code{Kind: registry.Source, Content: []byte("answer 1")}
	deploy := func(r *registry.Registry, d registry.Deployment) {
		t.Helper()
		if _, err := r.Deploy(d); err != nil {
			t.Fatal(err)
		}
	}
	deploy(s.registry, registry.Deployment{Name: "m", Code: source})
	deploy(s.registry, registry.Deployment{Name: "gone", Code: source})
	deploy(leader, registry.Deployment{Name: "m", Code: source, Metadata: registry.Metadata{Description: "present"}})
	deploy(leader, registry.Deployment{Name: "added", Target: "m"})
	l := &laggingReplication{fakeReplication{Registry: leader}, s.registry}
	s.api.deps.Replication, s.api.models.replication = l, l
	return s, l
}

// A server that lags refuses no change because of what it has, and keeps what others have set.
func TestLaggingServer(t *testing.T) {
	for request, want := range map[string]string{
		`PUT /endpoints/added {"type": "alias", "description": "d"}`:                        `200 {"added": {"description": "d"`,
		`PUT /endpoints/gone {"type": "alias", "description": "d"}`:                         `404 {"message": "endpoint gone does not exist."`,
		`POST /endpoints {"name": "gone", "type": "alias", "target": "m"}`:                  `201 {"gone": {`,
		`POST /endpoints {"name": "added", "type": "alias", "target": "m"}`:                 `400 {"message": "endpoint added already exists."`,
		`POST /endpoints {"name": "added", "source": "answer 2", "override": true}`:         `200 {"added": {`,
		`PUT /endpoints/added {"type": "alias", "target": "m", "should_update_version": 1}`: `200 {"added": {`,
		`PUT /endpoints/gone/source answer 2`:                                               `201 {"name": "gone", "version": 1`,
		`POST /endpoints/added/rollback?to=7 `:                                              `400 `,
		`DELETE /endpoints/added `:                                                          `204 `,
		`DELETE /endpoints/gone `:                                                           `404 `,
	} {
		s, _ := newLaggingServer(t)
		if got := s.sendLine(request); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", request, got, want)
		}
	}
	s, l := newLaggingServer(t)
	s.do("PUT", "/endpoints/m/source", "answer 2").wantStatus(t, 200)
	if e, _ := l.Get("m"); e.Description != "present" || e.Version != 2 {
		t.Errorf("version %d has the description %q", e.Version, e.Description)
	}
}

// sendLine sends a request of the form "METHOD PATH BODY", and returns the status and the body.
func (s *endpointServer) sendLine(line string) string {
	method, rest, _ := strings.Cut(line, " ")
	path, body, _ := strings.Cut(rest, " ")
	got := s.do(method, path, body)
	return toJSON(got.StatusCode) + " " + got.body
}

// The outcome of an import is that for the endpoints of the leader.
func TestImportOnLaggingServer(t *testing.T) {
	s, l := newLaggingServer(t)
	archive := s.export(t, "gone")
	if got := s.do("POST", "/endpoints/gone/import?dry_run=true", archive); !strings.Contains(got.body, `"outcome": "created"`) {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	l.err = &UnavailableError{"The cluster has no leader."}
	s.do("POST", "/endpoints/gone/import?dry_run=true", archive).wantStatus(t, 503)
}

// A script on a server that lags changes the endpoints of the leader as well.
func TestServicesOnLaggingServer(t *testing.T) {
	s, l := newLaggingServer(t)
	serve := services{req: &request{api: s.api, user: User{Roles: AllRoles, Scopes: AllRoles}, Context: s.api.echo.NewContext(newEvaluateRequest(t), nil)}}
	call := func(service runtime.Service, name, body string) string {
		status, response := serve.Serve(t.Context(), service, name, []byte(body), []byte("answer 2"))
		return toJSON(status) + " " + string(response)
	}
	if got := call(runtime.ServiceList, "", ""); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, `"added"`) || strings.Contains(got, `"gone"`) {
		t.Errorf("the list of a script that may deploy: %s", got)
	}
	if got := call(runtime.ServiceUpdate, "added", `{"description": "d"}`); !strings.HasPrefix(got, "200 ") {
		t.Error(got)
	}
	if got := call(runtime.ServiceDeploy, "", `{"name": "gone", "type": "model"}`); !strings.HasPrefix(got, "201 ") {
		t.Error(got)
	}
	l.err = &UnavailableError{"The cluster has no leader."}
	if got := call(runtime.ServiceList, "", ""); !strings.HasPrefix(got, "200 ") {
		t.Errorf("a list without a leader: %s", got)
	}
	if got := call(runtime.ServiceUpdate, "unknown", `{}`); !strings.HasPrefix(got, "503 ") {
		t.Error(got)
	}
}

// A server that cannot catch up refuses changes with 503, also of endpoints that it does not have.
func TestServerThatCannotCatchUp(t *testing.T) {
	s, l := newLaggingServer(t)
	l.err = &UnavailableError{"This node of the cluster has not caught up."}
	for _, request := range []string{
		`PUT /endpoints/unknown {"description": "d"}`, `POST /endpoints {"name": "m", "type": "alias", "target": "m"}`,
		`PUT /endpoints/unknown/source answer 1`, `DELETE /endpoints/unknown `, `POST /endpoints/unknown/rollback `,
	} {
		if got := s.sendLine(request); !strings.HasPrefix(got, "503 ") || !strings.Contains(got, "has not caught up") {
			t.Errorf("%s: %s", request, got)
		}
	}
}
