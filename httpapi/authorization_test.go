package httpapi

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// fakeAuthenticator accepts the password of user1, and tokens that list permissions, such as
// "query,deploy".
type fakeAuthenticator struct{ tokens bool }

func (a fakeAuthenticator) Authenticate(ctx context.Context, c Credentials) (User, error) {
	switch {
	case c.Name == "slow":
		<-ctx.Done()
		return User{}, ctx.Err()
	case c.Name == "throttled":
		return User{Name: c.Name}, &ThrottledError{"too many", 1500 * time.Millisecond}
	case c.Token != "":
		return User{Name: "subject", Roles: AllRoles, Scopes: rolesIn(c.Token, roleNames) | RoleMetrics | RoleAdmin, Account: "Bearer subject"}, nil
	case c.WellFormed && c.Name == "user1" && c.Password == "pass:word" && c.Address == "127.0.0.1":
		return User{Name: c.Name, Roles: AllRoles, Scopes: AllRoles, Account: "Basic user1"}, nil
	}
	return User{Name: c.Name}, &UnauthorizedError{"Wrong password for user name \"user1\"\nforged"}
}

// rolesIn returns the roles whose names are in text. names has the name of each role.
func rolesIn(text string, names []string) (roles Roles) {
	for i, name := range names {
		if strings.Contains(text, name) {
			roles |= 1 << i
		}
	}
	return roles
}

func (a fakeAuthenticator) Challenge(c Credentials) string {
	if a.tokens && strings.EqualFold(c.Scheme, "bearer") {
		return "Bearer"
	}
	return "Basic"
}

func (a fakeAuthenticator) Methods() AuthMethods {
	m := AuthMethods{Basic: true}
	if a.tokens {
		m.OAuth = &OAuthMethod{EndpointScopes: []string{"b", "a"}, Enforced: true}
	}
	return m
}

func newAuthServer(t *testing.T, a fakeAuthenticator, configure func(*Config)) *testServer {
	srv := newTestServer(t, configure)
	srv.api.deps.Authenticator = a
	return srv
}

const (
	unauthorized = `{"message": "Invalid credentials provided.", "info": "Unauthorized request."}`
	insufficient = `{"message": "Token is missing a required endpoint scope.", "info": "Forbidden request."}`
)

// Every route with a permission requires credentials, and they are checked before the rest of the
// request.
func TestRoutesRequireCredentials(t *testing.T) {
	srv := newAuthServer(t, fakeAuthenticator{}, func(c *Config) { c.Service.Name, c.CORS.Origin, c.MaxRequestBytes = `My "TabPy"`, "*", 10 })
	for _, r := range srv.api.routes() {
		method, path := r.method, strings.ReplaceAll(r.path, ":name", "x")
		for _, header := range []string{"", basicCredentials("user1:wrong"), "Basic ###"} {
			got := srv.do(method, path, "", "Authorization", header)
			if r.permission == permNone {
				if got.StatusCode == 401 || got.StatusCode == 406 {
					t.Errorf("%s %s needs no credentials, but returned %d", method, path, got.StatusCode)
				}
				continue
			}
			got.want(t, 401, unauthorized)
			got.wantHeader(t, "Content-Type", "application/json")
			got.wantHeader(t, "Www-Authenticate", `Basic realm="My \"TabPy\""`)
			got.wantHeader(t, "Access-Control-Allow-Origin", "")
		}
	}
	srv.do("POST", "/evaluate", strings.Repeat("x", 11)).want(t, 401, unauthorized) // and not 413
	srv.do("GET", "/query/a/b", "").want(t, 404, pageText(404))                     // not a route but a missing file
	srv.do("PUT", "/info", "").want(t, 405, pageText(405))
	srv.do("GET", "/unicorn", "").want(t, 404, pageText(404))
	if srv.engine.Calls() != 0 {
		t.Error("a script was evaluated")
	}
	good := basicCredentials("user1:pass:word")
	srv.script("return 1", "Authorization", good).want(t, 413, `{"message": "Request with size 34 exceeded limit of 10 (bytes).", "info": "Request Entity Too Large"}`)
}

func TestRoutesWithoutCredentials(t *testing.T) {
	open := map[string]bool{}
	for _, r := range newTestServer(t, nil).api.routes() {
		if r.permission == permNone {
			open[r.method+" "+r.path] = true
		}
	}
	for _, needs := range []string{"GET /info", "GET /status", "POST /evaluate", "GET /endpoints", "POST /endpoints", "GET /endpoints/:name",
		"DELETE /endpoints/:name", "GET /query/:name", "POST /query/:name", "OPTIONS /query/:name", "GET /configurations/endpoint_upload_destination"} {
		if open[needs] {
			t.Errorf("%s needs no credentials", needs)
		}
	}
	for _, free := range []string{"OPTIONS /info", "OPTIONS /evaluate", "OPTIONS /endpoints", "GET /", "GET /health/live"} {
		if !open[free] {
			t.Errorf("%s needs credentials", free)
		}
	}
}

func TestValidCredentials(t *testing.T) {
	srv := newAuthServer(t, fakeAuthenticator{}, nil)
	got := srv.script("return 1", "Authorization", basicCredentials("user1:pass:word"))
	got.want(t, 200, "1")
	got.wantHeader(t, "Www-Authenticate", "")
	off := newAuthServer(t, fakeAuthenticator{}, func(c *Config) { c.EvaluateEnabled = false })
	off.script("return 1").want(t, 401, unauthorized) // and not 404
	if got := off.script("return 1", "Authorization", basicCredentials("user1:pass:word")); got.StatusCode != 404 {
		t.Errorf("evaluation disabled: status %d, want 404", got.StatusCode)
	}
}

// A token gives access to the routes of its scopes, as the route table defines them.
func TestEndpointScopes(t *testing.T) {
	srv := newAuthServer(t, fakeAuthenticator{tokens: true}, func(c *Config) { c.CORS.Origin = "*" })
	for _, r := range srv.api.routes() {
		needs := map[permission]string{permQuery: "query", permEvaluate: "evaluate", permDeploy: "deploy"}[r.permission]
		path := strings.ReplaceAll(r.path, ":name", "x")
		got := srv.do(r.method, path, "", "Authorization", "Bearer none")
		if needs == "" {
			if got.StatusCode == 401 || got.StatusCode == 403 {
				t.Errorf("%s %s needs no scope, but returned %d", r.method, path, got.StatusCode)
			}
			continue
		}
		got.want(t, 403, insufficient)
		got.wantHeader(t, "Www-Authenticate", `Bearer realm="TabPy Server", error="insufficient_scope"`)
		got.wantHeader(t, "Access-Control-Allow-Origin", "")
		if got := srv.do(r.method, path, "", "Authorization", "Bearer "+needs); got.StatusCode == 403 {
			t.Errorf("%s %s with scope %s returned 403", r.method, path, needs)
		}
	}
	srv.do("OPTIONS", "/query/x", "", "Authorization", "Bearer none").want(t, 200, "{}")
	srv.script("return 1", "Authorization", "Bearer  x").wantHeader(t, "Www-Authenticate", `Bearer realm="TabPy Server"`)
}

func TestThrottledClient(t *testing.T) {
	got := newAuthServer(t, fakeAuthenticator{}, nil).script("return 1", "Authorization", basicCredentials("throttled:x"))
	got.want(t, 429, `{"message": "Too many failed sign-ins from this address.", "info": "Please try again later."}`)
	got.wantHeader(t, "Retry-After", "2")
	got.wantHeader(t, "Www-Authenticate", "")
}

func TestInfoListsAuthMethods(t *testing.T) {
	const rest = `"evaluate_enabled": true, "gzip_enabled": true, "arrow_enabled": false}}}}`
	for authenticator, want := range map[fakeAuthenticator]string{
		{}: `"features": {"authentication": {"required": true, "methods": {"basic-auth": {}}}, ` + rest,
		{tokens: true}: `"features": {"authentication": {"required": true, "methods": {"basic-auth": {}, "oauth-jwt": {"required_scopes": [], ` +
			`"endpoint_scopes": ["b", "a"], "endpoint_scopes_enforced": true}}}, ` + rest,
	} {
		if got := newAuthServer(t, authenticator, nil).do("GET", "/info", "", "Authorization", basicCredentials("user1:pass:word")); !strings.HasSuffix(got.body, want) {
			t.Errorf("/info returned %s, want suffix %s", got.body, want)
		}
	}
	if got := newTestServer(t, nil).do("GET", "/info", ""); strings.Contains(got.body, "authentication") {
		t.Errorf("without authentication, /info returned %s", got.body)
	}
}

// The log contains the reason, in TabPy's words, but no credentials.
func TestAuthenticationLog(t *testing.T) {
	srv := newAuthServer(t, fakeAuthenticator{tokens: true}, nil)
	srv.script("return 1", "Authorization", basicCredentials("user1:hunter2"))
	srv.script("return 1", "Authorization", "Bearer sneaky")
	srv.script("return 1", "Authorization", "Digest hunter2")
	off := newTestServer(t, nil)
	off.script("return 1", "Authorization", basicCredentials("user1:hunter2"))
	log := srv.log.String() + off.log.String()
	for _, want := range []string{`"error",`, `Wrong password for user name \"user1\"forged"`, "Failing with 401 for unauthorized request",
		"Failing with 403 for insufficient scope", "Failing with 406 for Not Acceptable"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not contain %q:\n%s", want, log)
		}
	}
	for _, secret := range []string{"hunter2", "sneaky", basicCredentials("user1:hunter2")[6:]} {
		if strings.Contains(log, secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
}

// If a client disconnects while its password is checked, the request ends.
func TestDisconnectDuringAuthentication(t *testing.T) {
	srv := newAuthServer(t, fakeAuthenticator{}, nil)
	srv.raw("GET /info HTTP/1.1\r\nHost: x\r\nAuthorization: "+basicCredentials("slow:x")+"\r\n\r\n", false)
	waitFor(t, "the log line", func() bool { return strings.Contains(srv.log.String(), `"status":499`) })
}

// Without authentication, a password with a colon is ignored, as in TabPy.
func TestPasswordWithColonWithoutAuthentication(t *testing.T) {
	newTestServer(t, nil).script("return 1", "Authorization", basicCredentials("user1:pass:word")).want(t, 200, "1")
}

// permissionAuthenticator accepts every named user. The letters e, q, d, m, a and g in the name
// grant the roles evaluate, query, deploy, metrics, admin and grant.
type permissionAuthenticator struct{}

func (permissionAuthenticator) Authenticate(_ context.Context, c Credentials) (User, error) {
	if c.Name == "" {
		return User{}, &UnauthorizedError{"no name"}
	}
	return User{Name: c.Name, Roles: rolesIn(c.Name, []string{"e", "q", "d", "m", "a", "g"}), Scopes: AllRoles, Account: "Basic " + c.Name}, nil
}

func (permissionAuthenticator) Challenge(Credentials) string { return "Basic" }

func (permissionAuthenticator) Methods() AuthMethods { return AuthMethods{Basic: true} }

func asUser(name string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":x"))}
}

// Every route requires credentials and the permission in its line.
func TestRoutePermissions(t *testing.T) {
	s := newEndpointServer(t, permissionAuthenticator{}, nil)
	for route, need := range map[string]string{
		"GET /endpoints": "", "GET /endpoints/m": "", "GET /status": "", "GET /endpoints/m/usage": "", "GET /endpoints/m/usage.json": "",
		"POST /endpoints": "d", "PUT /endpoints/m": "d", "DELETE /endpoints/m": "d", "PUT /endpoints/m/source": "d", "POST /endpoints/m/source": "d",
		"PUT /endpoints/m/archive": "d", "POST /endpoints/m/archive": "d", "POST /endpoints/m/rollback": "d", "GET /endpoints/m/export": "a", "POST /endpoints/m/import": "d", "GET /configurations/endpoint_upload_destination": "d",
		"POST /query/m": "q", "GET /query/m": "q", "POST /evaluate": "e", "GET /info": "", "GET /status/server": "a",
	} {
		method, path, _ := strings.Cut(route, " ")
		s.do(method, path, `{"data": []}`).wantStatus(t, 401)
		for _, name := range []string{"x", "q", "e", "d", "m", "a"} {
			if got := s.do(method, path, `{"data": []}`, asUser(name)...); (got.StatusCode == 403) != (need != "" && name != need) {
				t.Errorf("%s as user %q returned %d; the route needs permission %q", route, name, got.StatusCode, need)
			}
		}
	}
}
