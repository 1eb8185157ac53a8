package console

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

var (
	allRoles = RoleEvaluate | RoleQuery | RoleDeploy | RoleMetrics | RoleAdmin
	nobody   = User{Name: "nobody", Account: "Basic nobody"}
	everyone = User{Name: "everyone", Account: "Basic everyone", Roles: allRoles}
)

// resources returns the routes of the API that need a session.
func (s *fakeServer) resources() (all []route) {
	for _, r := range s.routes {
		if r.access == signedIn {
			all = append(all, r)
		}
	}
	return all
}

// pathOf returns a path that the route matches.
func pathOf(r route) string {
	return strings.NewReplacer("{name}", "x", "{id}", "x", "{topic}", "x", "{file}", "x", "{digest}", "x").Replace(r.path)
}

// TestGuards walks all routes. Those of the API need a session, its CSRF token, an origin that is the
// server's own, and the role of the table.
func TestGuards(t *testing.T) {
	s := newFakeServer(t, true)
	visitor, without, with := s.client(), s.signedIn(nobody, "secret-1"), s.signedIn(everyone, "secret-2")
	for _, r := range s.routes {
		path, unsafe := pathOf(r), r.method != http.MethodGet
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			if r.access == open {
				if unsafe || strings.HasPrefix(r.path, apiPath) && r.path != apiPath+"/openapi.json" {
					t.Error("the route is open")
				}
				return
			}
			if r.access == signedIn {
				if w := visitor.send(visitor.request(r.method, path, "{}")); w.Code != 401 || code(t, w) != "unauthenticated" {
					t.Errorf("without a session: %d %s", w.Code, w.Body)
				}
			}
			if unsafe {
				for _, token := range []string{"", "x", visitor.csrf, without.csrf} {
					other := *with
					other.csrf = token
					if w := other.send(other.request(r.method, path, "{}")); w.Code != 403 || code(t, w) != "csrf" {
						t.Errorf("with the CSRF token %q: %d %s", token, w.Code, w.Body)
					}
				}
			}
			for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
				other := *with
				other.headers = map[string]string{header[0]: header[1]}
				if w := other.send(other.request(r.method, path, "{}")); w.Code != 403 || code(t, w) != "origin" {
					t.Errorf("with %s: %d %s", header, w.Code, w.Body)
				}
			}
			if r.roles != 0 {
				if w := without.send(without.request(r.method, path, "{}")); w.Code != 403 || code(t, w) != "forbidden" {
					t.Errorf("without a role: %d %s", w.Code, w.Body)
				}
			}
			if !strings.HasSuffix(r.path, "/session") && r.path != apiPath+"/load/events" {
				if w := with.send(with.request(r.method, path, "{}")); w.Code == 401 || w.Code == 403 {
					t.Errorf("with all roles: %d %s", w.Code, w.Body)
				}
			}
		})
	}
	if len(s.resources()) < 10 {
		t.Error("the table of routes was not walked")
	}
}

// TestRoles checks that each role opens exactly the routes that name it.
func TestRoles(t *testing.T) {
	s := newFakeServer(t, true)
	for i, name := range roleNames {
		role := Roles(1 << i)
		c := s.signedIn(User{Name: name, Account: "Basic " + name, Roles: role}, "secret-"+name)
		for _, r := range s.resources() {
			if r.path == apiPath+"/load/events" {
				continue // it does not end
			}
			w := c.send(c.request(r.method, pathOf(r), "{}"))
			if forbidden := w.Code == 403; forbidden != !r.roles.Any(role) && r.roles != 0 {
				t.Errorf("%s %s with the role %s: %d", r.method, r.path, name, w.Code)
			}
		}
	}
}

// TestOpenServer checks that a server without authentication needs no session, but a CSRF token.
func TestOpenServer(t *testing.T) {
	s := newFakeServer(t, false)
	c := s.client()
	if b := c.session(); !b.SignedIn || b.Authentication != "off" || !slices.Equal(b.Roles, []string{"evaluate", "query", "deploy", "metrics"}) || c.cookie != "" {
		t.Errorf("session %+v, cookie %q", b, c.cookie)
	}
	const script = `{"kind": "script", "script": "return 1"}`
	if w := c.do("POST", "/run", script); w.Code != 200 {
		t.Errorf("run: %d %s", w.Code, w.Body)
	}
	if w := c.do("GET", "/admin/settings", ""); w.Code != 403 {
		t.Errorf("administration: %d %s", w.Code, w.Body)
	}
	if w := c.do("POST", "/session", `{"username": "u", "password": "p"}`); w.Code != 409 || code(t, w) != "authentication_off" {
		t.Errorf("sign-in: %d %s", w.Code, w.Body)
	}
	c.csrf = ""
	if w := c.do("POST", "/run", script); w.Code != 403 || code(t, w) != "csrf" {
		t.Errorf("run without a CSRF token: %d %s", w.Code, w.Body)
	}
}

func TestOrigins(t *testing.T) {
	direct, proxied := URL{"http", "tabcell.example:9004", ""}, URL{"https", "bi.example", "/tabcell"}
	for _, c := range []struct {
		method, site, origin, host string
		url                        URL
		allowed                    bool
	}{
		{"POST", "", "", "tabcell.example:9004", direct, true}, // not a browser
		{"POST", "same-origin", "http://tabcell.example:9004", "tabcell.example:9004", direct, true},
		{"POST", "", "http://tabcell.example:9004", "tabcell.example:9004", direct, true},
		{"POST", "", "https://bi.example", "127.0.0.1:9004", proxied, true},
		{"POST", "", "https://BI.example", "127.0.0.1:9004", proxied, true},
		{"POST", "", "http://bi.example", "127.0.0.1:9004", proxied, false},
		{"POST", "", "http://tabcell.example", "tabcell.example:9004", direct, false},
		{"POST", "", "http://evil.example", "tabcell.example:9004", direct, false},
		{"POST", "", "null", "tabcell.example:9004", direct, false},
		{"POST", "", "http://tabcell.example:9004.evil.example", "tabcell.example:9004", direct, false},
		{"POST", "", ":", "", direct, false},
		{"POST", "none", "", "tabcell.example:9004", direct, false},
		{"POST", "cross-site", "http://tabcell.example:9004", "tabcell.example:9004", direct, false},
		{"GET", "none", "", "tabcell.example:9004", direct, true},
		{"GET", "same-site", "", "tabcell.example:9004", direct, false},
		{"GET", "cross-site", "", "tabcell.example:9004", direct, false},
	} {
		r := &http.Request{Method: c.method, Host: c.host, Header: http.Header{}}
		for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if err := checkOrigin(r, c.url); (err == nil) != c.allowed {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestRefusalsAreRecorded checks that the audit trail gets the refusals of each kind.
func TestRefusalsAreRecorded(t *testing.T) {
	s := newFakeServer(t, true)
	c := s.signedIn(nobody, "secret-1")
	c.do("GET", "/admin/settings", "")
	wrong := *c
	wrong.csrf = "x"
	wrong.do("POST", "/run", "{}")
	foreign := *c
	foreign.headers = map[string]string{"Origin": "https://evil.example"}
	foreign.do("POST", "/run", "{}")
	if len(s.events) != 3 || slices.ContainsFunc(s.events, func(e Event) bool { return e.Kind != EventAccess || !e.Refused || e.Reason == "" }) {
		t.Errorf("events %+v", s.events)
	}
}
