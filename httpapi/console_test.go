package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"tabcell/httpapi/console/web"
)

// newConsoleServer starts a server with the console.
func newConsoleServer(t testing.TB, configure func(*Config)) *testServer {
	return newTestServer(t, func(c *Config) {
		c.Console = true
		if configure != nil {
			configure(c)
		}
	})
}

func TestConsoleOff(t *testing.T) {
	srv := newTestServer(t, nil)
	for _, path := range []string{"/console", "/console/", "/console/api/v1/session"} {
		if r := srv.do("GET", path, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", path, r.StatusCode)
		}
	}
	if r := srv.do("GET", "/", ""); strings.Contains(r.body, `href="console"`) {
		t.Error("the start page has a link to the console")
	}
}

// TestConsolePreloads checks that a page names all modules that it needs: a browser that finds them in
// other modules waits for each level of imports.
func TestConsolePreloads(t *testing.T) {
	modules, err := web.Modules()
	if err != nil {
		t.Fatal(err)
	}
	srv := newConsoleServer(t, func(c *Config) { c.Subdirectory = "sub" })
	for path, page := range map[string]string{"": "playground", "/load": "shell", "/nosuch": "shell"} {
		body := srv.do("GET", "/sub/console"+path, "", "Accept", "text/html").body
		for _, name := range modules[page] {
			if !strings.Contains(body, `<link rel="modulepreload" href="/sub/console/`+name+`">`) {
				t.Errorf("/console%s does not name %s:\n%s", path, name, body)
			}
		}
		if got := strings.Count(body, "modulepreload"); got != len(modules[page]) || got == 0 {
			t.Errorf("/console%s names %d modules, want %d", path, got, len(modules[page]))
		}
	}
}

func TestConsolePages(t *testing.T) {
	srv := newConsoleServer(t, func(c *Config) { c.Subdirectory = "sub/dir"; c.TrustedProxies = []string{"127.0.0.1"} })
	for _, path := range []string{"", "/endpoints", "/endpoints/a%2Fb", "/load", "/errors", "/errors/1", "/admin", "/manual", "/manual/install"} {
		for prefix, headers := range map[string][]string{"/sub/dir": nil, "/outer/sub/dir": {"X-Forwarded-Prefix", "/outer"}} {
			r := srv.do("GET", "/sub/dir/console"+path, "", headers...)
			if r.StatusCode != 200 || !strings.Contains(r.body, `"`+prefix+`/console/assets/`) || strings.Contains(r.body, "{{") {
				t.Errorf("GET %s with prefix %s: %d %s", path, prefix, r.StatusCode, r.body)
			}
			if !strings.HasPrefix(r.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; ") {
				t.Errorf("GET %s: policy %q", path, r.Header.Get("Content-Security-Policy"))
			}
		}
	}
	for _, path := range []string{"/x", "/endpoints/a/b", "/../console", "/endpoints/%2e%2e", "/assets/", "/assets/x.js", "/load/", "/api/v1", "/api/v1/session/x"} {
		if r := srv.do("GET", "/sub/dir/console"+path, ""); r.StatusCode != 404 {
			t.Errorf("GET %s: status %d, want 404", path, r.StatusCode)
		}
	}
	for path, isPage := range map[string]bool{"/x": true, "/endpoints/a/b": true, "/api/v1/x": false, "/assets/x.js": false} {
		r := srv.do("GET", "/sub/dir/console"+path, "", "Accept", "text/html,*/*;q=0.8")
		if r.StatusCode != 404 || strings.Contains(r.body, `"/sub/dir/console/assets/`) != isPage {
			t.Errorf("a browser that opens %s: %d %.300s", path, r.StatusCode, r.body)
		}
	}
	if r := srv.do("GET", "/sub/dir/console/", "", "X-Forwarded-Prefix", "/outer"); r.StatusCode != 308 || r.Header.Get("Location") != "/outer/sub/dir/console" {
		t.Errorf("GET /console/: %d, Location %q", r.StatusCode, r.Header.Get("Location"))
	}
	if r := srv.do("GET", "/sub/dir/", ""); !strings.Contains(r.body, `href="console"`) {
		t.Error("the start page has no link to the console")
	}
}
