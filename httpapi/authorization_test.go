package httpapi

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// gate lets user1 in by password, and tokens that list what their bearer may do: "query,deploy".
type fakeAuthenticator struct{ tokens bool }

func (g fakeAuthenticator) Authenticate(ctx context.Context, c Credentials) (User, error) {
	switch {
	case c.Name == "slow":
		<-ctx.Done()
		return User{}, ctx.Err()
	case c.Name == "throttled":
		return User{Name: c.Name}, &ThrottledError{"too many", 1500 * time.Millisecond}
	case c.Token != "":
		has := func(right string) bool { return strings.Contains(c.Token, right) }
		return User{Name: "subject", Query: has("query"), Evaluate: has("evaluate"), Deploy: has("deploy")}, nil
	case c.WellFormed && c.Name == "user1" && c.Password == "pass:word" && c.Address == "127.0.0.1":
		return User{Name: c.Name, Query: true, Evaluate: true, Deploy: true}, nil
	}
	return User{Name: c.Name}, &UnauthorizedError{"Wrong password for user name \"user1\"\nforged"}
}

func (g fakeAuthenticator) Challenge(c Credentials) string {
	if g.tokens && strings.EqualFold(c.Scheme, "bearer") {
		return "Bearer"
	}
	return "Basic"
}

func (g fakeAuthenticator) Methods() AuthMethods {
	m := AuthMethods{Basic: true}
	if g.tokens {
		m.OAuth = &OAuthMethod{EndpointScopes: []string{"b", "a"}, Enforced: true}
	}
	return m
}

func newAuthServer(t *testing.T, g fakeAuthenticator, configure func(*Config)) *testServer {
	b := newTestServer(t, configure)
	b.api.deps.Authenticator = g
	return b
}

const (
	unauthorized = `{"message": "Invalid credentials provided.", "info": "Unauthorized request."}`
	insufficient = `{"message": "Token is missing a required endpoint scope.", "info": "Forbidden request."}`
)

// Whatever is not open needs credentials, and nothing of the request is looked at before.
func TestRoutesRequireCredentials(t *testing.T) {
	b := newAuthServer(t, fakeAuthenticator{}, func(c *Config) { c.Service.Name, c.CORS.Origin, c.MaxRequestBytes = `My "TabPy"`, "*", 10 })
	for _, r := range b.api.routes() {
		method, path := r.method, strings.ReplaceAll(r.path, ":name", "x")
		for _, header := range []string{"", basicCredentials("user1:wrong"), "Basic ###"} {
			got := b.do(method, path, "", "Authorization", header)
			if r.permission == permNone {
				if got.StatusCode == 401 || got.StatusCode == 406 {
					t.Errorf("%s %s is open, but answered %d", method, path, got.StatusCode)
				}
				continue
			}
			got.want(t, 401, unauthorized)
			got.wantHeader(t, "Content-Type", "application/json")
			got.wantHeader(t, "Www-Authenticate", `Basic realm="My \"TabPy\""`)
			got.wantHeader(t, "Access-Control-Allow-Origin", "")
		}
	}
	b.do("POST", "/evaluate", strings.Repeat("x", 11)).want(t, 401, unauthorized) // and not 413
	b.do("GET", "/query/a/b", "").want(t, 404, pageText(404))                     // no route: a file that is not there
	b.do("PUT", "/info", "").want(t, 405, pageText(405))
	b.do("GET", "/unicorn", "").want(t, 404, pageText(404))
	if b.engine.Calls() != 0 {
		t.Error("a script was evaluated")
	}
	good := basicCredentials("user1:pass:word")
	b.script("return 1", "Authorization", good).want(t, 413, `{"message": "Request with size 34 exceeded limit of 10 (bytes).", "info": "Request Entity Too Large"}`)
}

func TestOpenRoutes(t *testing.T) {
	open := map[string]bool{}
	for _, r := range newTestServer(t, nil).api.routes() {
		if r.permission == 0 {
			open[r.method+" "+r.path] = true
		}
	}
	for _, needs := range []string{"GET /info", "GET /status", "POST /evaluate", "GET /endpoints", "POST /endpoints", "GET /endpoints/:name",
		"DELETE /endpoints/:name", "GET /query/:name", "POST /query/:name", "OPTIONS /query/:name", "GET /configurations/endpoint_upload_destination"} {
		if open[needs] {
			t.Errorf("%s is open", needs)
		}
	}
	for _, free := range []string{"OPTIONS /info", "OPTIONS /evaluate", "OPTIONS /endpoints", "GET /", "GET /health/live"} {
		if !open[free] {
			t.Errorf("%s is not open", free)
		}
	}
}

func TestValidCredentials(t *testing.T) {
	b := newAuthServer(t, fakeAuthenticator{}, nil)
	got := b.script("return 1", "Authorization", basicCredentials("user1:pass:word"))
	got.want(t, 200, "1")
	got.wantHeader(t, "Www-Authenticate", "")
	off := newAuthServer(t, fakeAuthenticator{}, func(c *Config) { c.EvaluateEnabled = false })
	off.script("return 1").want(t, 401, unauthorized) // and not 404
	if got := off.script("return 1", "Authorization", basicCredentials("user1:pass:word")); got.StatusCode != 404 {
		t.Errorf("disabled: %d", got.StatusCode)
	}
}

// A token opens the routes of its scopes; which those are is the table's word.
func TestEndpointScopes(t *testing.T) {
	b := newAuthServer(t, fakeAuthenticator{tokens: true}, func(c *Config) { c.CORS.Origin = "*" })
	for _, r := range b.api.routes() {
		needs := map[permission]string{permQuery: "query", permEvaluate: "evaluate", permDeploy: "deploy"}[r.permission]
		path := strings.ReplaceAll(r.path, ":name", "x")
		got := b.do(r.method, path, "", "Authorization", "Bearer none")
		if needs == "" {
			if got.StatusCode == 401 || got.StatusCode == 403 {
				t.Errorf("%s %s needs no scope, but answered %d", r.method, path, got.StatusCode)
			}
			continue
		}
		got.want(t, 403, insufficient)
		got.wantHeader(t, "Www-Authenticate", `Bearer realm="TabPy Server", error="insufficient_scope"`)
		got.wantHeader(t, "Access-Control-Allow-Origin", "")
		if got := b.do(r.method, path, "", "Authorization", "Bearer "+needs); got.StatusCode == 403 {
			t.Errorf("%s %s with %s: 403", r.method, path, needs)
		}
	}
	b.do("OPTIONS", "/query/x", "", "Authorization", "Bearer none").want(t, 200, "{}")
	b.script("return 1", "Authorization", "Bearer  x").wantHeader(t, "Www-Authenticate", `Bearer realm="TabPy Server"`)
}

func TestThrottledClient(t *testing.T) {
	got := newAuthServer(t, fakeAuthenticator{}, nil).script("return 1", "Authorization", basicCredentials("throttled:x"))
	got.want(t, 429, `{"message": "Too many failed sign-ins from this address.", "info": "Please try again later."}`)
	got.wantHeader(t, "Retry-After", "2")
	got.wantHeader(t, "Www-Authenticate", "")
}

func TestInfoListsAuthMethods(t *testing.T) {
	const rest = `"evaluate_enabled": true, "gzip_enabled": true, "arrow_enabled": false}}}}`
	for g, want := range map[fakeAuthenticator]string{
		{}: `"features": {"authentication": {"required": true, "methods": {"basic-auth": {}}}, ` + rest,
		{tokens: true}: `"features": {"authentication": {"required": true, "methods": {"basic-auth": {}, "oauth-jwt": {"required_scopes": [], ` +
			`"endpoint_scopes": ["b", "a"], "endpoint_scopes_enforced": true}}}, ` + rest,
	} {
		if got := newAuthServer(t, g, nil).do("GET", "/info", "", "Authorization", basicCredentials("user1:pass:word")); !strings.HasSuffix(got.body, want) {
			t.Errorf("%s\nwant %s", got.body, want)
		}
	}
	if got := newTestServer(t, nil).do("GET", "/info", ""); strings.Contains(got.body, "authentication") {
		t.Errorf("without a gate: %s", got.body)
	}
}

// The log says why, in TabPy's words, and never what was sent.
func TestAuthenticationLog(t *testing.T) {
	b := newAuthServer(t, fakeAuthenticator{tokens: true}, nil)
	b.script("return 1", "Authorization", basicCredentials("user1:hunter2"))
	b.script("return 1", "Authorization", "Bearer sneaky")
	b.script("return 1", "Authorization", "Digest hunter2")
	off := newTestServer(t, nil)
	off.script("return 1", "Authorization", basicCredentials("user1:hunter2"))
	log := b.log.String() + off.log.String()
	for _, want := range []string{`"error",`, `Wrong password for user name \"user1\"forged"`, "Failing with 401 for unauthorized request",
		"Failing with 403 for insufficient scope", "Failing with 406 for Not Acceptable"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in the log:\n%s", want, log)
		}
	}
	for _, secret := range []string{"hunter2", "sneaky", basicCredentials("user1:hunter2")[6:]} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// A client that leaves while its password is being checked costs nothing more.
func TestClientLeavesDuringAuthentication(t *testing.T) {
	b := newAuthServer(t, fakeAuthenticator{}, nil)
	b.raw("GET /info HTTP/1.1\r\nHost: x\r\nAuthorization: "+basicCredentials("slow:x")+"\r\n\r\n", false)
	waitFor(t, "the log line", func() bool { return strings.Contains(b.log.String(), `"status":499`) })
}

// Whoever sends a colon in a password while authentication is off is passed over, as in TabPy.
func TestPasswordWithColonWithoutAuthentication(t *testing.T) {
	newTestServer(t, nil).script("return 1", "Authorization", basicCredentials("user1:pass:word")).want(t, 200, "1")
}

// clerk lets everybody in, with the rights that their name says.
type permissionAuthenticator struct{}

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
