package httpapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// usageJSON returns the description of an endpoint.
func (s *endpointServer) usageJSON(name string, header ...string) (b usageBody) {
	s.t.Helper()
	got := s.do("GET", "/endpoints/"+name+"/usage.json", "", header...)
	if err := json.Unmarshal([]byte(got.body), &b); err != nil || got.StatusCode != 200 {
		s.t.Fatalf("status %d, %v: %s", got.StatusCode, err, got.body)
	}
	return b
}

// Endpoints that cannot be called have advice in place of formulas and command lines.
func TestUsageOfUnloadedEndpoint(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.models.Fail("bad", &runtime.ModelError{Class: "ModuleNotFoundError", Text: "No module named 'x'"})
	s.models.Fail("slow", runtime.ErrTimeout)
	for name, code := range map[string]string{"bad": "bad", "slow": "slow", "waiting": "answer 1"} {
		if _, err := s.registry.Deploy(registry.Deployment{Name: name, Code: registry.Code{Kind: registry.Source, Content: []byte(code)}}); err != nil {
			t.Fatal(err)
		}
	}
	if b := s.usageJSON("waiting"); b.Status != loadInProgress || !strings.Contains(b.Advice, "not loaded yet") || b.Curl != "" || b.Tableau.Script != "" {
		t.Errorf("before the load: %+v", b)
	}
	s.api.LoadModels(context.Background())
	s.do("POST", "/endpoints", `{"name": "alias", "type": "alias", "target": "bad"}`).wantStatus(t, 201)
	for name, want := range map[string]string{"bad": "deploy it again.", "alias": "deploy it again.", "slow": "the next query loads it again"} {
		b := s.usageJSON(name)
		if b.Status != loadFailed || b.LastError == nil || !strings.Contains(b.Advice, want) || b.Curl != "" || b.Tableau != (tableauBody{}) {
			t.Errorf("%s: %+v", name, b)
		}
		page := s.do("GET", "/endpoints/"+name+"/usage", "", "Accept", "text/html")
		if strings.Contains(page.body, "SCRIPT_") || strings.Contains(page.body, "curl") || !strings.Contains(page.body, want) || !strings.Contains(page.body, "Load failed") {
			t.Errorf("the page of %s:\n%s", name, page.body)
		}
	}
	if b := s.usageJSON("waiting"); b.Advice != "" || b.Curl == "" || b.Tableau.Script == "" {
		t.Errorf("after the load: %+v", b)
	}
}

// With an earlier version, the advice has the command that returns to it.
func TestUsageAdvisesRollback(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	s.models.Fail("bad", &runtime.ModelError{Class: "ValueError", Text: "x"})
	for _, code := range []string{"answer 1", "bad"} {
		if _, err := s.registry.Deploy(registry.Deployment{Name: "my m", Code: registry.Code{Kind: registry.Source, Content: []byte(code)}, Replace: true}); err != nil {
			t.Fatal(err)
		}
	}
	s.api.LoadModels(context.Background())
	if want := "curl -X POST 'http://" + s.addr + "/endpoints/my%20m/rollback'"; !strings.HasSuffix(s.usageJSON("my%20m").Advice, want) {
		t.Errorf("advice %q, want %s at its end", s.usageJSON("my%20m").Advice, want)
	}
	s.do("POST", "/endpoints/my%20m/rollback", "").wantStatus(t, 200)
	if b := s.usageJSON("my%20m"); b.Advice != "" {
		t.Errorf("after the rollback: %+v", b)
	}
}

// methodsAuthenticator accepts everyone and reports the given methods.
type methodsAuthenticator struct {
	fakeAuthenticator
	methods AuthMethods
}

func (methodsAuthenticator) Authenticate(context.Context, Credentials) (User, error) {
	return User{Roles: AllRoles, Scopes: AllRoles}, nil
}

func (a methodsAuthenticator) Methods() AuthMethods { return a.methods }

// The command lines have the options for the credentials that the server asks for.
func TestUsageCredentials(t *testing.T) {
	for want, methods := range map[string]AuthMethods{
		"curl -u NAME -d":                              {Basic: true, OAuth: &OAuthMethod{}},
		"curl -H 'Authorization: Bearer TOKEN' -d":     {OAuth: &OAuthMethod{}},
		"curl --cert CERTIFICATE.pem --key KEY.pem -d": {ClientCertificate: true},
	} {
		s := newEndpointServer(t, methodsAuthenticator{methods: methods}, nil)
		s.do("PUT", "/endpoints/m/source", "add").wantStatus(t, 201)
		if b := s.usageJSON("m"); !strings.HasPrefix(b.Curl, want+" ") {
			t.Errorf("command line %s, want %s", b.Curl, want)
		}
		if page := s.do("GET", "/", "").body; !strings.Contains(strings.ReplaceAll(page, "&#39;", "'"), want) {
			t.Errorf("the landing page does not have %s:\n%s", want, page)
		}
	}
}
