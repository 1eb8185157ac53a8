package httpapi

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/httpapi/console"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// fakeGrants has one grant for each account and endpoint that it names.
type fakeGrants struct{ accounts, endpoints map[string]string }

func (f fakeGrants) OfAccount(account string) []*runtime.Grant {
	return grantNamed(f.accounts[account])
}
func (f fakeGrants) OfEndpoint(name string) []*runtime.Grant { return grantNamed(f.endpoints[name]) }

func grantNamed(name string) []*runtime.Grant {
	if name == "" {
		return nil
	}
	return []*runtime.Grant{{Name: name}}
}

// newGrantServer returns a server whose scripts "grants" return the names of their grants.
func newGrantServer(t *testing.T) (*endpointServer, *fakeAudit) {
	s, audit := newEndpointServer(t, permissionAuthenticator{}, func(c *Config) { c.Metrics = true }), &fakeAudit{}
	grants := fakeGrants{map[string]string{"Basic eqd": "geo", "Basic eqdg": "geo"}, map[string]string{"m": "lookup"}}
	s.api.deps.Audit, s.api.deps.Grants, s.api.models.grants = audit, grants, grants
	s.api.metrics.addGrants(grants)
	s.engine.On("grants", func(_ context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
		return runtime.Result{Body: []byte(toJSON(usedGrants(call.Grants)))}, nil
	})
	s.engine.On("query m", func(ctx context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
		_, response := call.Services.Serve(ctx, runtime.ServiceQuery, "m", []byte(`{"data": []}`), nil)
		return runtime.Result{Body: response}, nil
	})
	return s, audit
}

// usedGrants uses all grants once, and returns their owner and names.
func usedGrants(g *runtime.Grants) string {
	if g == nil {
		return "none"
	}
	for _, one := range g.List {
		g.Observe(runtime.GrantUse{Grant: one.Name, Owner: g.Owner, Kind: runtime.GrantConnect, Target: "https://geo.example.com:443", Address: "192.0.2.1:443",
			In: 5, Out: 3, Duration: 1500 * time.Millisecond, Outcome: runtime.GrantOK})
	}
	g.Observe(runtime.GrantUse{Owner: g.Owner, Kind: runtime.GrantConnect, Target: "https://evil.example:443", Outcome: runtime.GrantDenied, Error: "no grant"})
	g.Observe(runtime.GrantUse{Owner: g.Owner, Kind: runtime.GrantFile, Target: "/sys/fs/cgroup/cpu.max", Outcome: runtime.GrantDenied, Error: "no grant"})
	return g.Owner + ": " + grantNames(g.List)
}

// modelGrants is a runner that records the grants of loaded and queried models.
type modelGrants struct {
	Runner
	mu  sync.Mutex
	all []string
}

func (r *modelGrants) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	r.add("load " + usedGrants(m.Grants))
	return r.Runner.LoadModel(ctx, m)
}

func (r *modelGrants) QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error) {
	r.add("query " + usedGrants(m.Grants) + ", caller " + usedGrants(c.Grants))
	return r.Runner.QueryModel(ctx, m, c)
}

func (r *modelGrants) add(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, text)
}

func (r *modelGrants) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := strings.Join(r.all, "; ")
	r.all = nil
	return all
}

// A script has the grants of its account, and the code of an endpoint has those of the endpoint,
// also if a script with other grants queries it.
func TestGrantsOfCalls(t *testing.T) {
	s, _ := newGrantServer(t)
	models := &modelGrants{Runner: s.api.models.runner}
	s.api.models.runner = models
	s.script("grants", asUser("eqd")...).want(t, 200, `"account eqd: geo"`)
	s.script("grants", asUser("e")...).want(t, 200, `"none"`)
	s.do("PUT", "/endpoints/m/source", "answer 7", asUser("eqdg")...).wantStatus(t, 201)
	s.do("PUT", "/endpoints/other/source", "answer 7", asUser("eqd")...).wantStatus(t, 201)
	if got := models.take(); got != "load endpoint m: lookup; load none" {
		t.Errorf("loaded with %s", got)
	}
	for _, user := range []string{"eqd", "q"} {
		s.do("POST", "/query/m", `{"data": []}`, asUser(user)...).wantStatus(t, 200)
		s.do("POST", "/query/other", `{"data": []}`, asUser(user)...).wantStatus(t, 200)
	}
	s.script("query m", asUser("eqd")...).wantStatus(t, 200)
	want := strings.Repeat("query endpoint m: lookup, caller none; query none, caller none; ", 2) + "query endpoint m: lookup, caller none"
	if got := models.take(); got != want {
		t.Errorf("queried with %s, want %s", got, want)
	}
}

// Every way to change the code of an endpoint that has grants needs the role grant.
func TestGrantRole(t *testing.T) {
	s, audit := newGrantServer(t)
	s.engine.On("deploy m", func(ctx context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
		_, response := call.Services.Serve(ctx, runtime.ServiceDeploy, "", []byte(`{"name": "m", "type": "model", "kind": "source", "override": true}`), []byte("answer 9"))
		return runtime.Result{Body: response}, nil
	})
	for _, code := range []string{"answer 1", "answer 2"} {
		s.do("PUT", "/endpoints/m/source", code, asUser("dg")...)
	}
	audit.take()
	staged := filepath.Join(s.staging, "endpoints", "m", "3")
	for _, c := range []struct{ method, path, body string }{
		{"PUT", "/endpoints/m/source", "answer 3"},
		{"PUT", "/endpoints/m/archive", "answer 3"},
		{"POST", "/endpoints/m/rollback", ""},
		{"PUT", "/endpoints/m", strings.Replace(deployBody("m", staged), "{", `{"should_update_version": true, `, 1)},
		{"POST", "/evaluate", `{"script": "deploy m", "data": {}}`},
	} {
		s.stage("m", "3", "answer 3")
		got := s.do(c.method, c.path, c.body, asUser("de")...)
		if want := `Deploying the code of m requires the role \"grant\".`; !strings.Contains(got.body, want) || !strings.Contains(got.body, "The endpoint has the grants lookup. An administrator") {
			t.Errorf("%s %s: status %d, %s", c.method, c.path, got.StatusCode, got.body)
		}
		if e, _ := s.registry.Get("m"); e.Version != 2 {
			t.Fatalf("%s %s changed the endpoint", c.method, c.path)
		}
		events := strings.Join(audit.take(), "\n")
		if !strings.Contains(events, `access refused Basic de`) || !strings.Contains(events, "the endpoint has the grants lookup") {
			t.Errorf("%s %s: the audit trail has %s", c.method, c.path, events)
		}
		if got := s.do(c.method, c.path, c.body, asUser("deg")...); got.StatusCode != 200 || strings.Contains(got.body, "requires the role") {
			t.Errorf("%s %s with the role: status %d, %s", c.method, c.path, got.StatusCode, got.body)
		}
		s.do("DELETE", "/endpoints/m", "", asUser("d")...).wantStatus(t, 204) // which needs no grant
		for _, code := range []string{"answer 1", "answer 2"} {
			s.do("PUT", "/endpoints/m/source", code, asUser("dg")...)
		}
		audit.take()
	}
	if err := s.api.models.checkGranted(context.Background(), "m"); err == nil {
		t.Error("code without a client may be deployed")
	}
	if _, _, err := s.api.models.deploy(context.Background(), registry.Endpoint{}, registry.Deployment{Name: "free", Code: registry.Code{Kind: registry.Source, Content: []byte("answer 1")}}, true); err != nil {
		t.Error(err)
	}
}

// Each use has an event with its figures, and refusals have none, so that their repeats are equal.
func TestGrantEvents(t *testing.T) {
	s, audit := newGrantServer(t)
	s.script("grants", asUser("eqd")...).wantStatus(t, 200)
	var uses []AuditEvent
	for _, e := range audit.events {
		if e.Kind == AuditGrant {
			e.Call = ""
			uses = append(uses, e)
		}
	}
	want := []AuditEvent{
		{Kind: AuditGrant, Outcome: AuditOK, Account: "Basic eqd", Address: "127.0.0.1", Grant: "geo", Target: "https://geo.example.com:443",
			PeerAddress: "192.0.2.1:443", BytesIn: 5, BytesOut: 3, Duration: 1500 * time.Millisecond},
		{Kind: AuditGrant, Outcome: AuditRefused, Account: "Basic eqd", Address: "127.0.0.1", Target: "https://evil.example:443", Reason: "no grant"},
	}
	if len(uses) != 2 || uses[0] != want[0] || uses[1] != want[1] {
		t.Errorf("events %+v, want %+v", uses, want)
	}
	metrics := s.do("GET", "/metrics", "", asUser("m")...).body
	for _, line := range []string{
		`tabcell_grant_uses_total{grant="geo",kind="connect",outcome="ok"} 1`, `tabcell_grant_uses_total{grant="none",kind="connect",outcome="denied"} 1`,
		`tabcell_grant_bytes_total{direction="in",grant="geo"} 5`, `tabcell_grant_bytes_total{direction="out",grant="geo"} 3`,
		`tabcell_grant_seconds_sum{grant="geo",kind="connect"} 1.5`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("the metrics do not have %s", line)
		}
	}
}

// The usage page shows the grants of an endpoint, but no secret.
func TestUsageOfGrants(t *testing.T) {
	s, _ := newGrantServer(t)
	target, err := runtime.ParseGrantTarget("https://geo.example.com")
	if err != nil {
		t.Fatal(err)
	}
	s.api.models.grants = listedGrants{{
		Name: "geo", Folders: []runtime.GrantFolder{{Host: "/srv/secret-folder", Guest: "/models"}}, Connect: []runtime.GrantTarget{target}, Env: map[string]string{"KEY": "hunter2"},
	}}
	s.do("PUT", "/endpoints/m/source", "answer 7", asUser("dg")...).wantStatus(t, 201)
	for _, c := range []struct{ path, accept string }{{"usage", "text/html"}, {"usage.json", "*/*"}} {
		got := s.do("GET", "/endpoints/m/"+c.path, "", append(asUser("q"), "Accept", c.accept)...)
		for _, want := range []string{"geo", "/models", "https://geo.example.com:443", "KEY"} {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s does not show %s: %s", c.path, want, got.body)
			}
		}
		if strings.Contains(got.body, "hunter2") || strings.Contains(got.body, "secret-folder") {
			t.Errorf("%s shows a secret: %s", c.path, got.body)
		}
	}
	if e, ok := (consoleEndpoints{s.api}).Get("m", console.URL{}, false); !ok || len(e.Grants) != 1 || e.Grants[0].Variables[0] != "KEY" {
		t.Errorf("the console shows %+v", e.Grants)
	}
}

// listedGrants has the same grants for all endpoints.
type listedGrants []*runtime.Grant

func (listedGrants) OfAccount(string) []*runtime.Grant    { return nil }
func (l listedGrants) OfEndpoint(string) []*runtime.Grant { return l }

// The subject of a token is not part of a text unless it may be logged.
func TestGrantOwner(t *testing.T) {
	for want, user := range map[string]User{
		"account ann": {Name: "ann", Account: "Basic ann"}, "account #b": {Account: "Bearer secret-subject"},
	} {
		req := &request{user: user}
		if got := req.grantOwner(); !strings.HasPrefix(got, want) && !strings.HasPrefix(got, "account #") || strings.Contains(got, "secret") {
			t.Errorf("%v: got %s", user, got)
		}
	}
}
