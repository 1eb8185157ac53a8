package httpapi

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tabcell/runtime/registry"
)

// fakeReplication makes changes in a registry, like a cluster of one node, or fails.
type fakeReplication struct {
	*registry.Registry
	err    error
	caller Caller // the last one
}

// As implements Replication.
func (f *fakeReplication) As(_ context.Context, c Caller) ReplicatedModels {
	f.caller = c
	if f.err != nil {
		return failingModels{f.err}
	}
	return f.Registry
}

// CatchUp implements Replication.
func (f *fakeReplication) CatchUp(context.Context) error { return f.err }

// Status implements Replication.
func (f *fakeReplication) Status(context.Context) any { return map[string]string{"leader": "n1"} }

// failingModels refuses all changes.
type failingModels struct{ err error }

func (f failingModels) Deploy(registry.Deployment) (registry.Endpoint, error) {
	return registry.Endpoint{}, f.err
}
func (f failingModels) UpdateMetadata(string, func(*registry.Metadata)) (registry.Endpoint, error) {
	return registry.Endpoint{}, f.err
}
func (f failingModels) Rollback(string, int, string) (registry.Endpoint, error) {
	return registry.Endpoint{}, f.err
}
func (f failingModels) Remove(string) error { return f.err }
func (f failingModels) Restore(*registry.Staged, bool) (registry.Endpoint, registry.Outcome, error) {
	return registry.Endpoint{}, "", f.err
}

// newReplicatedServer returns a server that makes changes through f.
func newReplicatedServer(t *testing.T, a Authenticator) (*endpointServer, *fakeReplication) {
	s := newEndpointServer(t, a, nil)
	f := &fakeReplication{Registry: s.registry}
	s.api.deps.Replication, s.api.models.replication = f, f
	return s, f
}

// Changes are made through the cluster, on behalf of the client.
func TestReplication(t *testing.T) {
	s, f := newReplicatedServer(t, permissionAuthenticator{})
	s.do("PUT", "/endpoints/add/source", "answer 1", asUser("dqea")...).wantStatus(t, 201)
	if !strings.Contains(f.caller.User, "dqea") || !slices.Contains(f.caller.Roles, "deploy") || f.caller.Address == "" {
		t.Errorf("the caller is %+v", f.caller)
	}
	for request, status := range map[string]int{
		"PUT /endpoints/add/source answer 1": 503, "POST /endpoints/add/rollback ": 503, "DELETE /endpoints/add ": 503,
		"POST /endpoints/unknown/rollback ": 503, "DELETE /endpoints/unknown ": 503, // the leader may know it
		`POST /endpoints {"name": "x", "type": "alias", "target": "add", "override": true}`: 503,
	} {
		f.err = &UnavailableError{"The cluster has no leader: 2 of its 3 voters must be reachable."}
		method, rest, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(rest, " ")
		got := s.do(method, path, body, asUser("dqea")...)
		if got.StatusCode != status || status == 503 && (!strings.Contains(got.body, "2 of its 3 voters") || got.Header.Get("Retry-After") == "") {
			t.Errorf("%s %s: %d %s", method, path, got.StatusCode, got.body)
		}
	}
	f.err = &UnclearError{"the connection to the leader was lost"}
	if got := s.do("DELETE", "/endpoints/add", "", asUser("dqea")...); got.StatusCode != 504 || got.Header.Get("Retry-After") != "" {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	s.do("POST", "/query/add", `{"data": []}`, asUser("dqea")...).wantStatus(t, 200)
	if got := s.do("GET", "/status/server", "", asUser("dqea")...); !strings.Contains(got.body, `"cluster": {"leader": "n1"}`) {
		t.Errorf("the status is %s", got.body)
	}
}

// A change that arrives from another server is loaded, and its predecessor is forgotten.
func TestReplicated(t *testing.T) {
	s, _ := newReplicatedServer(t, nil)
	deploy := func(code string) registry.Endpoint {
		e, err := s.registry.Deploy(registry.Deployment{Name: "m", Replace: true, Code: registry.Code{Kind: registry.Source, Content: []byte(code)}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	first := deploy("answer 1")
	s.api.Replicated(context.Background(), registry.Endpoint{}, first)
	if got := s.do("GET", "/status", ""); !strings.Contains(got.body, loadSuccessful) {
		t.Errorf("after a deployment: %s", got.body)
	}
	second := deploy("nonsense")
	s.api.Replicated(context.Background(), first, second)
	if got := s.do("GET", "/status", ""); !strings.Contains(got.body, loadFailed) {
		t.Errorf("after a deployment that does not load: %s", got.body)
	}
	if err := s.registry.Remove("m"); err != nil {
		t.Fatal(err)
	}
	s.api.Replicated(context.Background(), second, registry.Endpoint{})
	if s.models.Loads() != 1 {
		t.Errorf("%d loads", s.models.Loads())
	}
	if _, ok := s.api.models.records["m"]; ok {
		t.Error("the record of a removed endpoint is kept")
	}
}

func TestCallerOfNothing(t *testing.T) {
	if c := callerOf(context.Background()); len(c.Roles) > 0 || c.User != "" {
		t.Errorf("%+v", c)
	}
}
