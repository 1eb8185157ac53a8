package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"tabcell/runtime"
)

// fakeAudit keeps events. While err is set, it refuses them.
type fakeAudit struct {
	mu     sync.Mutex
	events []AuditEvent
	err    error
}

func (a *fakeAudit) Record(e AuditEvent) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		a.events = append(a.events, e)
	}
	return a.err
}

func (a *fakeAudit) Stats() AuditStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := AuditStats{Lines: uint64(len(a.events))}
	if a.err != nil {
		s.Failing = a.err.Error()
	}
	return s
}

func (a *fakeAudit) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

// take returns the events since the last call in short form.
func (a *fakeAudit) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []string
	for _, e := range a.events {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %d %s", e.Kind, e.Outcome, e.Account, e.Endpoint, e.Version, e.Reason)))
	}
	a.events = nil
	return all
}

func newAuditServer(t *testing.T) (*endpointServer, *fakeAudit) {
	s, audit := newEndpointServer(t, permissionAuthenticator{}, nil), &fakeAudit{}
	s.api.deps.Audit, s.api.deps.AuditStats = audit, audit
	return s, audit
}

// TestAuditEvents checks the events of each kind of request.
func TestAuditEvents(t *testing.T) {
	s, audit := newAuditServer(t)
	for _, c := range []struct {
		request, body, user string
		want                []string
	}{
		{"GET /info", "", "", nil}, // without credentials
		{"PUT /endpoints/m/source", "answer 7", "d", []string{"sign-in ok Basic d  0", "deploy ok Basic d m 1"}},
		{"PUT /endpoints/m/source", "answer 8", "d", []string{"sign-in ok Basic d  0", "deploy ok Basic d m 2"}},
		{"PUT /endpoints/m/source", "answer 8", "q", []string{"sign-in ok Basic q  0", `access refused Basic q  0 the role "deploy" is missing`}},
		{"POST /endpoints", `{"name": "alias", "type": "alias", "target": "m"}`, "d", []string{"sign-in ok Basic d  0", "deploy ok Basic d alias 1 alias of m"}},
		{"POST /endpoints/m/rollback", "", "d", []string{"sign-in ok Basic d  0", "rollback ok Basic d m 3"}},
		{"POST /endpoints/none/rollback", "", "d", []string{"sign-in ok Basic d  0"}},
		{"DELETE /endpoints/m", "", "d", []string{"sign-in ok Basic d  0", "remove ok Basic d m 3", "remove failed Basic d m 3 other endpoints depend on it: alias"}},
		{"DELETE /endpoints/alias", "", "d", []string{"sign-in ok Basic d  0", "remove ok Basic d alias 1"}},
		{"GET /status/server", "", "e", []string{"sign-in ok Basic e  0", `access refused Basic e  0 the role "admin" is missing`}},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		var headers []string
		if c.user != "" {
			headers = asUser(c.user)
		}
		s.do(method, path, c.body, headers...)
		if got := audit.take(); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s:\n%q\nwant\n%q", c.request, got, c.want)
		}
	}
}

// TestAuditOfScripts checks that changes by scripts have the account, the address and the call ID
// of the request that runs the script.
func TestAuditOfScripts(t *testing.T) {
	s, audit := newAuditServer(t)
	s.engine.On("deploy", func(ctx context.Context, call runtime.Call, _ json.RawMessage) (runtime.Result, error) {
		call.Services.Serve(ctx, runtime.ServiceDeploy, "", []byte(`{"name": "n", "type": "model", "kind": "source"}`), []byte("answer 1"))
		call.Services.Serve(ctx, runtime.ServiceUpdate, "n", []byte(`{"description": "x"}`), nil)
		call.Services.Serve(ctx, runtime.ServiceRemove, "n", nil, nil)
		return runtime.Result{Body: []byte("1")}, nil
	})
	got := s.script("deploy", asUser("de")...)
	for i, e := range audit.events {
		if e.Call != got.Header.Get("X-Request-Id") || e.Account != "Basic de" || e.Address != "127.0.0.1" {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	want := []string{"sign-in ok Basic de  0", "deploy ok Basic de n 1", "update ok Basic de n 1", "remove ok Basic de n 1"}
	if got := audit.take(); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("events %q, want %q", got, want)
	}
	s.script("deploy", asUser("e")...)
	for _, e := range audit.take()[1:] {
		if !strings.HasPrefix(e, "access refused Basic e ") || !strings.HasSuffix(e, ` the role "deploy" is missing`) {
			t.Errorf("event %s of a script whose caller may not deploy", e)
		}
	}
	if len(s.api.models.List()) != 0 {
		t.Error("an endpoint was deployed")
	}
}

// TestAuditRefusals checks the events of credentials that are refused.
func TestAuditRefusals(t *testing.T) {
	srv, audit := newAuthServer(t, fakeAuthenticator{tokens: true}, func(c *Config) { c.AllowedHosts = []string{"127.0.0.1"} }), &fakeAudit{}
	srv.api.deps.Audit = audit
	srv.script("return 1", "Authorization", basicCredentials("user1:hunter2"))
	srv.script("return 1", "Authorization", "Bearer evaluate")
	srv.script("return 1", "Authorization", basicCredentials("throttled:hunter2"))
	srv.script("return 1", "Authorization", "Digest hunter2")
	srv.raw("GET /info HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", true)
	srv.script("return 1", "Origin", "https://evil.example")
	srv.script("return 1", "Authorization", "Bearer none")
	want := []string{`sign-in refused Basic user1  0 Wrong password for user name "user1"forged`, "sign-in ok Bearer subject  0",
		"sign-in refused Basic throttled  0 too many", `sign-in refused   0 Wrong password for user name "user1"forged`,
		"access refused   0 the Host header names another server; add the name to TABCELL_ALLOWED_HOSTS if it is this one",
		`access refused   0 a web page of the origin "https://evil.example" sent the request; to trust it, set Access-Control-Allow-Origin in state.ini to this origin`,
		"sign-in ok Bearer subject  0", "access refused Bearer subject  0 the token lacks the scope of this route"}
	if got := audit.take(); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("events\n%q\nwant\n%q", got, want)
	}
	off := newTestServer(t, nil)
	off.api.deps.Audit = audit
	off.script("return 1", "Authorization", basicCredentials("user1:hunter2"))
	want = []string{"sign-in refused Basic user1  0 credentials were sent, but authentication is off"}
	if got := audit.take(); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("events %q, want %q", got, want)
	}
}

// TestAuditLimits checks that exceeded limits are recorded with the digest of the script, which is
// that of sha256sum.
func TestAuditLimits(t *testing.T) {
	s, audit := newAuditServer(t)
	for _, err := range []error{runtime.ErrMemory, runtime.ErrOutput, runtime.ErrTimeout, runtime.ErrBusy, errBudgetExceeded, errOverLimit, &bodyReadError{os.ErrDeadlineExceeded}} {
		s.engine.On("exceed é", func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
			return runtime.Result{}, err
		})
		s.script("exceed é", asUser("e")...)
		e := audit.events[len(audit.events)-1]
		if e.Kind != AuditLimit || e.Outcome != AuditRefused || e.Reason != limitOf(err) || e.Reason == "" || e.Account != "Basic e" ||
			e.SHA256 != "a69a1980956b05413f17403f16b7ad4291a1cd492d87aac5e68167bfcdca03f2" {
			t.Errorf("%v: event %+v", err, e)
		}
	}
	audit.take()
	s.script("return 1", asUser("e")...)
	s.script("raise", asUser("e")...)
	if got := audit.take(); len(got) != 2 {
		t.Errorf("events of scripts within their limits: %q", got)
	}
}

// TestFullAuditDisk checks that nothing is changed while the audit trail cannot be written, and
// that scripts and queries continue.
func TestFullAuditDisk(t *testing.T) {
	s, audit := newAuditServer(t)
	s.do("PUT", "/endpoints/m/source", "answer 7", asUser("d")...).wantStatus(t, 201)
	s.do("PUT", "/endpoints/m/source", "answer 8", asUser("d")...).wantStatus(t, 200)
	audit.fail(errors.New("no space left on device"))
	for _, request := range []string{"PUT /endpoints/m/source", "PUT /endpoints/n/source", "POST /endpoints/m/rollback", "DELETE /endpoints/m"} {
		method, path, _ := strings.Cut(request, " ")
		got := s.do(method, path, "answer 9", asUser("d")...)
		got.wantStatus(t, 507)
		if !strings.Contains(got.body, "The audit trail cannot be written, so nothing was changed.") {
			t.Errorf("%s: %s", request, got.body)
		}
	}
	s.do("POST", "/endpoints", `{"name": "a", "type": "alias", "target": "m"}`, asUser("d")...).wantStatus(t, 507)
	if all := s.api.models.List(); len(all) != 1 || all[0].Version != 2 {
		t.Errorf("the endpoints were changed: %+v", all)
	}
	s.script("return 1", asUser("e")...).want(t, 200, "1")
	if got := s.do("POST", "/query/m", `{"data": []}`, asUser("q")...); got.StatusCode != 200 || !strings.HasPrefix(got.body, `{"response": 8,`) {
		t.Errorf("query: %d %s", got.StatusCode, got.body)
	}
	if got := s.do("GET", "/status/server", "", asUser("a")...); got.StatusCode != 200 || !strings.Contains(got.body, `"failing": "no space left on device"`) {
		t.Errorf("/status/server: %d %s", got.StatusCode, got.body)
	}
	audit.fail(nil)
	s.do("DELETE", "/endpoints/m", "", asUser("d")...).wantStatus(t, 204)
}

// TestAuditHasNoSecrets sends secrets wherever a client can, and looks for them in the events.
func TestAuditHasNoSecrets(t *testing.T) {
	s, audit := newAuditServer(t)
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2VjcmV0c2VjcmV0"
	s.api.deps.Authenticator = fakeAuthenticator{tokens: true}
	s.engine.On("secret", func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{}, runtime.ErrMemory
	})
	for _, header := range []string{basicCredentials("user1:secret"), "Bearer secret", "Basic secret", "Bearer " + token, basicCredentials(token + ":secret"), basicCredentials("user1:pass:word")} {
		s.script("secret", "Authorization", header)
		s.do("PUT", "/endpoints/m/source?description=secret", "secret", "Authorization", header)
		s.do("POST", "/query/m", `{"data": "secret"}`, "Authorization", header)
		s.do("GET", "/info?token=secret", "", "Authorization", header, "Cookie", "secret", "TabPy-User", "secret")
	}
	if len(audit.events) < 10 {
		t.Fatalf("only %d events", len(audit.events))
	}
	for _, e := range audit.events {
		if text := fmt.Sprintf("%+v", e); strings.Contains(text, "secret") || strings.Contains(text, "pass:word") || strings.Contains(text, "eyJ") {
			t.Errorf("an event has a secret: %s", text)
		}
	}
}

func FuzzScriptSum(f *testing.F) {
	f.Add([]byte(`{"script": "return 1", "data": {}}`))
	f.Add([]byte(`{"script": "\ud800", "script": 1`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if sum := scriptSum(body); sum != "" && len(sum) != 64 {
			t.Errorf("digest %q of %q", sum, body)
		}
	})
}

type fakeConfinement struct{}

func (fakeConfinement) Confinement() map[string]bool {
	return map[string]bool{"files": true, "network": false}
}

func TestServerStatus(t *testing.T) {
	s := newEndpointServer(t, permissionAuthenticator{}, nil)
	s.do("GET", "/status/server", "", asUser("a")...).want(t, 200, `{"audit": null, "confinement": null, "damaged": []}`)
	s.api.deps.Confinement, s.api.deps.AuditStats = fakeConfinement{}, &fakeAudit{}
	s.do("GET", "/status/server", "", asUser("a")...).want(t, 200,
		`{"audit": {"lines": 0, "head": "", "lost": 0, "failing": ""}, "confinement": {"files": true, "network": false}, "damaged": []}`)
}

func TestAuditMetrics(t *testing.T) {
	audit := &fakeAudit{}
	api, err := New(Config{Metrics: true}, Deps{AuditStats: audit})
	if err != nil {
		t.Fatal(err)
	}
	for want, failure := range map[string]error{"tabcell_audit_failing 1": errors.New("full"), "tabcell_audit_lost_total 0": nil} {
		audit.fail(failure)
		got, err := api.serveMetrics(nil)
		if err != nil || !strings.Contains(string(got.body), want) {
			t.Errorf("the metrics lack %q, %v", want, err)
		}
	}
}
