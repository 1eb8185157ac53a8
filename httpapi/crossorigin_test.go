package httpapi

import (
	"net/http"
	"strings"
	"testing"
)

// foreignPages are the headers that browsers send with requests of pages of other origins.
var foreignPages = [][]string{
	{"Origin", "https://evil.example", "Content-Type", "text/plain"},
	{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
	{"Origin", "null"}, // a page in a sandboxed frame
	{"Sec-Fetch-Site", "cross-site"},
	{"Sec-Fetch-Site", "same-site"},
	{"Origin", "http://127.0.0.1:1"}, // another server of this machine
}

// unsafeMethods are the methods of requests that change something, and one that is unknown.
var unsafeMethods = []string{"POST", "PUT", "DELETE", "PATCH", "CONNECT", "FOO"}

// Requests of foreign pages get 403 on every path and with every method that is not safe, before
// credentials and the path are checked.
func TestForeignPagesAreRefused(t *testing.T) {
	configure := func(c *Config) { c.Subdirectory, c.CORS.Origin, c.Metrics = "sub", "https://portal.example", true }
	for name, srv := range map[string]*testServer{
		"open": newTestServer(t, configure), "with authentication": newAuthServer(t, fakeAuthenticator{}, configure),
	} {
		paths := map[string]bool{"/sub/unicorn": true, "/query/a/b": true}
		for _, r := range srv.api.routes() {
			path := strings.ReplaceAll(r.path, ":name", "x")
			if r.flags&noPrefix == 0 {
				path = srv.api.prefix + path
			}
			paths[path] = true
		}
		for path := range paths {
			for _, method := range unsafeMethods {
				for _, headers := range foreignPages {
					got := srv.do(method, path, `{"script": "return 1", "data": {}}`, append(headers, "Authorization", basicCredentials("user1:pass:word"))...)
					if got.StatusCode != 403 || !strings.HasPrefix(got.body, `{"message": "Cross-origin request refused.", "info": "a web page`) {
						t.Fatalf("%s: %s %s with %v: %d %s", name, method, path, headers, got.StatusCode, got.body)
					}
				}
			}
		}
		if srv.engine.Calls() != 0 {
			t.Errorf("%s: a script was evaluated", name)
		}
	}
}

// The routes with safe methods change nothing, so foreign pages may use them; they cannot read the
// responses. If this list grows, the new route must not change anything.
func TestSafeRoutesChangeNothing(t *testing.T) {
	reading := map[string]bool{"/info": true, "/status": true, "/endpoints": true, "/endpoints/": true, "/endpoints/:name": true, "/endpoints/:name/usage": true,
		"/endpoints/:name/usage.json": true, "/configurations/endpoint_upload_destination": true, "/": true, "/index.html": true, "/health/live": true,
		"/health/ready": true, "/metrics": true, "/status/server": true, "/endpoints/:name/export": true}
	srv := newTestServer(t, func(c *Config) { c.Metrics = true })
	for _, r := range srv.api.routes() {
		// A query needs a body, and browsers send none with GET.
		if (r.method == http.MethodGet || r.method == http.MethodHead) && !reading[r.path] && r.path != "/query/:name" {
			t.Errorf("%s %s is not known to change nothing", r.method, r.path)
		}
	}
	if got := srv.do("GET", "/query/x", ""); got.StatusCode != 400 {
		t.Errorf("a query without a body: status %d, want 400", got.StatusCode)
	}
}

func TestOtherRequestsPass(t *testing.T) {
	trusting := newTestServer(t, func(c *Config) { c.CORS.Origin = "https://portal.example" })
	for _, c := range []struct {
		srv     *testServer
		headers []string
	}{
		{trusting, nil}, // Tableau, curl and TabPy's client
		{trusting, []string{"Origin", "https://portal.example", "Sec-Fetch-Site", "cross-site"}},
		{trusting, []string{"Sec-Fetch-Site", "same-origin"}},
		{trusting, []string{"Sec-Fetch-Site", "none"}}, // the user entered the address
		{trusting, []string{"Origin", "http://" + trusting.addr}},
		{newTestServer(t, func(c *Config) { c.CORS.Origin = "*" }), []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}},
	} {
		c.srv.script("return 1", c.headers...).want(t, 200, "1")
	}
	for _, method := range []string{"GET", "OPTIONS"} {
		if got := trusting.do(method, "/info", "", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); got.StatusCode != 200 {
			t.Errorf("%s: status %d, want 200", method, got.StatusCode)
		}
	}
}

func TestOriginThatIsNotOne(t *testing.T) {
	for _, origin := range []string{"null", "evil.example", "https://evil.example/path", "https://evil.example, https://a.example"} {
		srv := newTestServer(t, func(c *Config) { c.CORS.Origin = origin })
		if got := srv.script("return 1", "Origin", "https://evil.example"); got.StatusCode != 403 {
			t.Errorf("%q: status %d, want 403", origin, got.StatusCode)
		}
		if got := srv.script("return 1", "Origin", origin); got.StatusCode != 403 {
			t.Errorf("%q as the origin of the page: status %d, want 403", origin, got.StatusCode)
		}
	}
}

func TestCORSWarning(t *testing.T) {
	for origin, want := range map[string]string{
		"": "", "https://portal.example": "", "http://portal.example:8080": "", "*": "every web page", "null": "not one origin", "a.example": "not one origin",
	} {
		if got := (CORS{Origin: origin}).Warning(); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: warning %q, want %q", origin, got, want)
		}
	}
}
