package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tabcell/runtime"
)

// consoleBrowser is a browser that uses the console of a test server.
type consoleBrowser struct {
	*testServer
	cookie, csrf string
}

const consoleAPI = "/console/api/v1"

// newConsoleBrowser starts a server with the console and authentication, and an audit trail.
func newConsoleBrowser(t *testing.T, a Authenticator, configure func(*Config)) (*consoleBrowser, *fakeAudit) {
	srv, audit := newConsoleServer(t, configure), &fakeAudit{}
	return &consoleBrowser{testServer: srv}, srv.authenticateConsole(t, a, audit)
}

// authenticateConsole makes the server authenticate clients. Nothing has been requested before.
func (srv *testServer) authenticateConsole(t *testing.T, a Authenticator, audit *fakeAudit) *fakeAudit {
	srv.api.deps.Authenticator, srv.api.deps.Audit = a, audit
	var err error
	if srv.api.console, err = srv.api.newConsole(); err != nil {
		t.Fatal(err)
	}
	return audit
}

// call sends a request to a resource of the console.
func (c *consoleBrowser) call(method, path, body string, headers ...string) reply {
	c.t.Helper()
	headers = append([]string{"X-Console-Csrf", c.csrf}, headers...)
	if c.cookie != "" {
		headers = append(headers, "Cookie", c.cookie)
	}
	r := c.do(method, consoleAPI+path, body, headers...)
	for _, cookie := range r.Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
	}
	return r
}

// session reads the session, and takes over its CSRF token.
func (c *consoleBrowser) session() (s struct {
	SignedIn bool `json:"signed_in"`
	Account  string
	Roles    []string
	CSRF     string
}) {
	c.t.Helper()
	r := c.call("GET", "/session", "")
	if err := json.Unmarshal([]byte(r.body), &s); err != nil || r.StatusCode != 200 {
		c.t.Fatalf("GET /session: %d %s", r.StatusCode, r.body)
	}
	c.csrf = s.CSRF
	return s
}

func (c *consoleBrowser) signIn(body string) reply {
	c.t.Helper()
	c.session()
	r := c.call("POST", "/session", body)
	c.session()
	return r
}

func consoleCode(r reply) string {
	var b struct{ Error struct{ Code string } }
	_ = json.Unmarshal([]byte(r.body), &b)
	return b.Error.Code
}

const returnOne = `{"kind": "script", "script": "return 1"}`

func TestConsoleSignIn(t *testing.T) {
	c, audit := newConsoleBrowser(t, fakeAuthenticator{tokens: true}, nil)
	for _, s := range []struct {
		body, code string
		status     int
		event      string
	}{
		{`{"username": "user1", "password": "wrong"}`, "wrong_credentials", 401, `sign-in refused Basic user1  0 Wrong password for user name "user1"`},
		{`{"username": "throttled", "password": "x"}`, "throttled", 429, "sign-in refused Basic throttled  0 too many"},
		{`{"username": "user1", "password": "pass:word"}`, "", 200, "sign-in ok Basic user1  0"},
		{`{"token": "evaluate"}`, "", 200, "sign-in ok Bearer subject  0"},
	} {
		r := c.signIn(s.body)
		events := audit.take()
		if r.StatusCode != s.status || consoleCode(r) != s.code || len(events) != 1 || !strings.HasPrefix(events[0], s.event) {
			t.Errorf("%s: %d %s, events %q", s.body, r.StatusCode, r.body, events)
		}
		if r.Header.Get("Www-Authenticate") != "" || strings.Contains(r.body, "forged") {
			t.Errorf("%s: the response has a challenge or the reason", s.body)
		}
	}
	if got := c.session(); !got.SignedIn || got.Account != "subject" || !slices.Equal(got.Roles, []string{"evaluate", "metrics", "admin"}) {
		t.Errorf("session %+v", got)
	}
	if r := c.call("POST", "/run", returnOne); r.StatusCode != 200 || c.engine.Last().Account != "Bearer subject" || c.engine.Last().Owner.Key != "console" {
		t.Errorf("run: %d %s, call %+v", r.StatusCode, r.body, c.engine.Last())
	}
	if r := c.call("DELETE", "/session", ""); r.StatusCode != 204 || c.session().SignedIn {
		t.Errorf("sign-out: %d %s", r.StatusCode, r.body)
	}
	if events := audit.take(); !slices.Equal(events, []string{"sign-out ok Bearer subject  0"}) {
		t.Errorf("events of the sign-out: %q", events)
	}
	log := c.log.String()
	for _, secret := range []string{"pass:word", c.csrf, strings.SplitN(c.cookie, "=", 2)[0] + "="} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// TestConsoleNeedsSession checks that the credentials of the API do not open the console.
func TestConsoleNeedsSession(t *testing.T) {
	c, _ := newConsoleBrowser(t, fakeAuthenticator{}, nil)
	c.session()
	for _, headers := range [][]string{nil, {"Authorization", basicCredentials("user1:pass:word")}, {"Cookie", "tabcell-console-9004=x"}} {
		if r := c.call("POST", "/run", returnOne, headers...); r.StatusCode != 401 || consoleCode(r) != "unauthenticated" || r.Header.Get("Www-Authenticate") != "" {
			t.Errorf("with %q: %d %s", headers, r.StatusCode, r.body)
		}
	}
	if c.engine.Calls() != 0 {
		t.Error("a script has run")
	}
}

// TestConsoleScriptRights checks that a script of the console has the rights of its user.
func TestConsoleScriptRights(t *testing.T) {
	c, audit := newConsoleBrowser(t, permissionAuthenticator{}, nil)
	var status int
	c.engine.On("ask", func(ctx context.Context, call runtime.Call, _ jsonText) (runtime.Result, error) {
		status, _ = call.Services.Serve(ctx, runtime.ServiceQuery, "m", []byte(`{"data": []}`), nil)
		return runtime.Result{Body: []byte("1")}, nil
	})
	const script = `{"kind": "script", "script": "ask"}`
	for name, want := range map[string]int{"e": 403, "eq": 404} {
		c.signIn(`{"username": "` + name + `", "password": "x"}`)
		if r := c.call("POST", "/run", script); r.StatusCode != 200 || status != want {
			t.Errorf("%s: %d, the query of the script: %d, want %d", name, r.StatusCode, status, want)
		}
	}
	c.signIn(`{"username": "q", "password": "x"}`)
	audit.take()
	if r := c.call("POST", "/run", script); r.StatusCode != 403 || consoleCode(r) != "forbidden" {
		t.Errorf("without the role: %d %s", r.StatusCode, r.body)
	}
	if events := audit.take(); !slices.Equal(events, []string{`access refused Basic q  0 This needs the role "evaluate".`}) {
		t.Errorf("events %q", events)
	}
}

// TestConsoleScriptsChangeNothing checks that a script, which may come with a link, cannot change
// endpoints with the rights of its user.
func TestConsoleScriptsChangeNothing(t *testing.T) {
	c, _ := newConsoleBrowser(t, permissionAuthenticator{}, nil)
	got := map[runtime.Service]int{}
	c.engine.On("ask", func(ctx context.Context, call runtime.Call, _ jsonText) (runtime.Result, error) {
		for _, service := range []runtime.Service{runtime.ServiceList, runtime.ServiceDeploy, runtime.ServiceUpdate, runtime.ServiceRemove, "other"} {
			got[service], _ = call.Services.Serve(ctx, service, "m", []byte("{}"), nil)
		}
		return runtime.Result{Body: []byte("1")}, nil
	})
	c.signIn(`{"username": "edqma", "password": "x"}`)
	c.call("POST", "/run", `{"kind": "script", "script": "ask"}`)
	for service, status := range got {
		if want := map[bool]int{true: 200, false: 403}[service == runtime.ServiceList]; status != want {
			t.Errorf("the service %s: %d, want %d", service, status, want)
		}
	}
	if len(got) != 5 {
		t.Error("the script has not run")
	}
}

// TestConsoleForeignPages checks that the configured origin of the API may not use the console.
func TestConsoleForeignPages(t *testing.T) {
	for _, origin := range []string{"*", "https://portal.example.com"} {
		srv := newConsoleServer(t, func(c *Config) { c.CORS = CORS{Origin: origin, Headers: "X-Console-CSRF", Methods: "POST"} })
		c := &consoleBrowser{testServer: srv}
		c.session()
		for _, headers := range [][]string{{"Origin", "https://portal.example.com"}, {"Sec-Fetch-Site", "cross-site", "Origin", "https://portal.example.com"}} {
			r := c.call("POST", "/run", returnOne, headers...)
			if r.StatusCode != 403 || consoleCode(r) != "origin" || r.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s, %q: %d %s", origin, headers, r.StatusCode, r.body)
			}
		}
		if r := srv.do("OPTIONS", consoleAPI+"/run", "", "Origin", "https://portal.example.com", "Access-Control-Request-Method", "POST"); r.StatusCode != 405 || r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: a preflight request gets %d, %v", origin, r.StatusCode, r.Header)
		}
		srv.do("POST", "/evaluate", `{"script": "return 1", "data": {}}`, "Origin", "https://portal.example.com").want(t, 200, "1")
	}
}

// TestConsoleSecrets checks that a script sees neither the cookie nor the CSRF token of its user.
func TestConsoleSecrets(t *testing.T) {
	c, _ := newConsoleBrowser(t, fakeAuthenticator{}, nil)
	c.signIn(`{"username": "user1", "password": "pass:word"}`)
	if r := c.call("POST", "/run", returnOne); r.StatusCode != 200 {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	for name, value := range c.engine.Last().Context.Headers {
		if strings.Contains(value, c.csrf) || strings.Contains(value, c.cookie) {
			t.Errorf("the script sees the header %s", name)
		}
	}
}

// TestConsoleMemory checks that the memory of bodies and answers counts, and is given back.
func TestConsoleMemory(t *testing.T) {
	c := &consoleBrowser{testServer: newConsoleServer(t, func(c *Config) { c.MaxBufferedBytes = 8 << 20 })}
	c.session()
	large := `{"kind": "script", "script": "return 1", "args": [[` + strings.Repeat("1,", 1<<20) + `1]]}`
	if r := c.call("POST", "/run", large); r.StatusCode != 503 || consoleCode(r) != "busy" || !strings.Contains(r.body, "TABCELL_BUFFER_MB") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	if r := c.call("POST", "/run", returnOne); r.StatusCode != 200 {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	waitFor(t, "the memory", func() bool { return c.api.budget.used() == 0 })
}

// TestConsoleTooLarge checks the error for bodies that are too long, announced or not.
func TestConsoleTooLarge(t *testing.T) {
	c := &consoleBrowser{testServer: newConsoleServer(t, func(c *Config) { c.MaxRequestBytes = 1000 })}
	c.session()
	for _, chunked := range []bool{false, true} {
		r, err := http.NewRequest("POST", c.url()+consoleAPI+"/run", strings.NewReader(strings.Repeat(" ", 2000)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Console-Csrf", c.csrf)
		if chunked {
			r.ContentLength = -1
		}
		got := c.send(r)
		if got.StatusCode != 413 || consoleCode(got) != "too_large" || !strings.Contains(got.body, `"limit":1000`) || !strings.Contains(got.body, "TABCELL_MAX_REQUEST_SIZE_MB") {
			t.Errorf("chunked %v: %d %s", chunked, got.StatusCode, got.body)
		}
	}
}

// TestConsoleAssets checks that the files of the console are compressed, and sent only once.
func TestConsoleAssets(t *testing.T) {
	srv := newConsoleServer(t, nil)
	_, rest, _ := strings.Cut(srv.do("GET", "/console", "").body, `src="`)
	script, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("the page has no script")
	}
	r := srv.do("GET", script, "", "Accept-Encoding", "gzip")
	if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(r.body, "\x1f\x8b") || r.Header.Get("Content-Type") != "text/javascript; charset=UTF-8" {
		t.Errorf("GET %s: %d %v", script, r.StatusCode, r.Header)
	}
	if again := srv.do("GET", script, "", "If-None-Match", r.Header.Get("Etag")); again.StatusCode != 304 || again.body != "" {
		t.Errorf("GET %s again: %d", script, again.StatusCode)
	}
	if plain := srv.do("GET", script, ""); plain.Header.Get("Content-Encoding") != "" || len(plain.body) <= len(r.body) {
		t.Errorf("GET %s without gzip: %v", script, plain.Header)
	}
	if head := srv.do("HEAD", "/console", ""); head.StatusCode != 200 || head.body != "" {
		t.Errorf("HEAD /console: %d", head.StatusCode)
	}
}

// TestConsoleOverTLS checks the cookie of a server with TLS.
func TestConsoleOverTLS(t *testing.T) {
	srv := newTLSServer(t, func(c *Config) { c.Console = true })
	srv.authenticateConsole(t, fakeAuthenticator{}, &fakeAudit{})
	c := &consoleBrowser{testServer: srv}
	c.session()
	r := c.call("POST", "/session", `{"username": "user1", "password": "pass:word"}`)
	if got := r.Cookies(); len(got) != 1 || !got[0].Secure || !got[0].HttpOnly || got[0].SameSite != http.SameSiteStrictMode || !strings.HasPrefix(got[0].Name, "__Host-") {
		t.Errorf("cookies %v", got)
	}
	if !c.session().SignedIn {
		t.Error("the cookie is not accepted")
	}
}

// TestConsoleBehindProxy checks that the cookie is secure if a trusted proxy speaks TLS, and that
// its public name is the origin of the console.
func TestConsoleBehindProxy(t *testing.T) {
	for _, trusted := range []bool{false, true} {
		c, _ := newConsoleBrowser(t, fakeAuthenticator{}, func(c *Config) {
			if trusted {
				c.TrustedProxies = []string{"127.0.0.9", "127.0.0.1"}
			}
		})
		c.session()
		forwarded := []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "bi.example", "X-Forwarded-Prefix", "/tabcell", "Origin", "https://bi.example"}
		r := c.call("POST", "/session", `{"username": "throttled", "password": "x"}`, forwarded...)
		if want := map[bool]int{false: 403, true: 429}[trusted]; r.StatusCode != want {
			t.Errorf("trusted %v: %d %s, want %d", trusted, r.StatusCode, r.body, want)
		}
	}
}
