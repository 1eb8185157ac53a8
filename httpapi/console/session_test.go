package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tabcell/httpapi/console/session"
)

// TestCookies checks the attributes of the cookie for each way to the server.
func TestCookies(t *testing.T) {
	for _, c := range []struct {
		url        URL
		name, path string
		secure     bool
	}{
		{URL{"http", "h", ""}, "tabcell-console-9004", "/console", false},
		{URL{"http", "h", "/sub"}, "tabcell-console-9004", "/sub/console", false},
		{URL{"https", "h", ""}, "__Host-tabcell-console-9004", "/", true},
		{URL{"https", "h", "/sub"}, "__Secure-tabcell-console-9004", "/sub/console", true},
	} {
		s := newFakeServer(t, true)
		s.url = c.url
		s.accounts.set("secret", everyone)
		client := s.client()
		w := client.do("POST", "/session", `{"username": "u", "password": "secret"}`)
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%+v: %d cookies", c.url, len(cookies))
		}
		got := cookies[0]
		if got.Name != c.name || got.Path != c.path || got.Secure != c.secure || !got.HttpOnly || got.SameSite != http.SameSiteStrictMode || got.Domain != "" || got.MaxAge != 0 {
			t.Errorf("%+v: cookie %s", c.url, got)
		}
		if b := client.session(); !b.SignedIn {
			t.Errorf("%+v: the cookie is not accepted", c.url)
		}
		client.cookie += "; " + client.cookie
		if b := client.session(); b.SignedIn {
			t.Errorf("%+v: two cookies of the name are accepted", c.url)
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	s := newFakeServer(t, true)
	c := s.signedIn(everyone, "secret")
	first, b := c.cookie, c.session()
	if b.Account != "everyone" || b.Authentication != "basic" || len(b.Roles) != 5 || !b.Expires.Equal(s.now.Add(session.Lifetime)) || !b.IdleExpires.Equal(s.now.Add(session.IdleTime)) {
		t.Errorf("session %+v", b)
	}
	if w := c.do("POST", "/session", `{"token": " secret "}`); w.Code != 200 {
		t.Fatalf("second sign-in: %d %s", w.Code, w.Body)
	}
	c.csrf = c.session().CSRF
	if c.cookie == first || c.session().Authentication != "bearer" {
		t.Error("a second sign-in did not change the session")
	}
	old := &client{fakeServer: s, cookie: first}
	if old.session().SignedIn {
		t.Error("the session before the second sign-in still exists")
	}
	ended := c.cookie
	if w := c.do("DELETE", "/session", ""); w.Code != 204 || !strings.HasSuffix(c.cookie, "=") {
		t.Errorf("sign-out: %d, cookie %q", w.Code, c.cookie)
	}
	if again := (&client{fakeServer: s, cookie: ended}); again.session().SignedIn {
		t.Error("the session still exists after the sign-out")
	}
	if len(s.events) != 1 || s.events[0].Kind != EventSignOut {
		t.Errorf("events %+v", s.events)
	}
}

func TestRefusedSignIns(t *testing.T) {
	s := newFakeServer(t, true)
	s.accounts.set("secret", everyone)
	for _, c := range []struct {
		body   string
		header [2]string
		status int
		code   string
	}{
		{`{"username": "u", "password": "wrong"}`, [2]string{}, 401, "wrong_credentials"},
		{`{"token": "wrong"}`, [2]string{}, 401, "wrong_credentials"},
		{`{"username": "u", "password": "secret"}`, [2]string{"Test-Throttled", "1"}, 429, "throttled"},
		{`{}`, [2]string{}, 400, "bad_request"},
		{`{"username": "u", "password": "secret", "token": "secret"}`, [2]string{}, 400, "bad_request"},
		{`{"password": "secret"}`, [2]string{}, 400, "bad_request"},
		{`{"user": "u"}`, [2]string{}, 400, "bad_request"},
		{`{} {}`, [2]string{}, 400, "bad_request"},
		{`[]`, [2]string{}, 400, "bad_request"},
		{``, [2]string{}, 400, "bad_request"},
		{`{"token": "` + strings.Repeat("x", maxSignIn) + `"}`, [2]string{}, 413, "too_large"},
	} {
		client := s.client()
		if c.header[0] != "" {
			client.headers[c.header[0]] = c.header[1]
		}
		w := client.do("POST", "/session", c.body)
		if w.Code != c.status || code(t, w) != c.code || client.cookie != "" {
			t.Errorf("%.60s: %d %s, cookie %q", c.body, w.Code, w.Body, client.cookie)
		}
		if c.status == 429 && w.Header().Get("Retry-After") != "2" {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
	}
}

// TestSessionEnds checks that a session ends with its time, and with the credentials behind it.
func TestSessionEnds(t *testing.T) {
	for name, end := range map[string]func(*fakeServer, *client){
		"account removed or password changed": func(s *fakeServer, _ *client) { s.accounts.remove("secret") },
		"idle":                                func(s *fakeServer, _ *client) { s.now = s.now.Add(session.IdleTime) },
		"lifetime": func(s *fakeServer, c *client) {
			for range session.Lifetime / time.Hour {
				s.now = s.now.Add(time.Hour)
				c.session()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFakeServer(t, true)
			c := s.signedIn(everyone, "secret")
			if w := c.do("GET", "/manual", ""); w.Code == 401 {
				t.Fatalf("before: %d %s", w.Code, w.Body)
			}
			end(s, c)
			if w := c.do("GET", "/manual", ""); w.Code != 401 || code(t, w) != "unauthenticated" {
				t.Errorf("after: %d %s", w.Code, w.Body)
			}
			s.accounts.set("secret", everyone)
			if c.session().SignedIn {
				t.Error("the session is there again")
			}
			if _, all := s.sessions.Count(""); all != 0 {
				t.Errorf("%d sessions are left", all)
			}
		})
	}
}

// TestThrottledSession checks that a session survives while its credentials cannot be checked.
func TestThrottledSession(t *testing.T) {
	s := newFakeServer(t, true)
	c := s.signedIn(everyone, "secret")
	c.headers["Test-Throttled"] = "1"
	if w := c.do("GET", "/manual", ""); w.Code != 429 {
		t.Errorf("while throttled: %d %s", w.Code, w.Body)
	}
	delete(c.headers, "Test-Throttled")
	if !c.session().SignedIn {
		t.Error("the session has ended")
	}
}

// TestRolesChange checks that a session gets the present roles of its account.
func TestRolesChange(t *testing.T) {
	s := newFakeServer(t, true)
	c := s.signedIn(everyone, "secret")
	s.accounts.set("secret", User{Name: "everyone", Account: everyone.Account, Roles: RoleQuery})
	if b := c.session(); strings.Join(b.Roles, ",") != "query" {
		t.Errorf("roles %v", b.Roles)
	}
	if w := c.do("POST", "/run", `{"kind": "script", "script": "return 1"}`); w.Code != 403 {
		t.Errorf("run: %d %s", w.Code, w.Body)
	}
}

// TestCertificateSession checks that a session of a certificate ends if the connection has another
// one, or none.
func TestCertificateSession(t *testing.T) {
	for _, later := range []string{"", "other"} {
		s := newFakeServer(t, true)
		s.accounts.set("mine", everyone)
		s.accounts.set("other", nobody)
		c := s.client()
		c.headers["Test-Certificate"] = "mine"
		if w := c.do("POST", "/session", `{}`); w.Code != 200 || !c.session().SignedIn || c.session().Authentication != "certificate" {
			t.Fatalf("sign-in: %d %s", w.Code, w.Body)
		}
		c.headers["Test-Certificate"] = later
		if w := c.do("GET", "/manual", ""); w.Code != 401 {
			t.Errorf("with the certificate %q: %d %s", later, w.Code, w.Body)
		}
	}
}

func TestIsSignedIn(t *testing.T) {
	s := newFakeServer(t, true)
	c := s.signedIn(everyone, "secret")
	r := c.request("GET", apiPath+"/load/events", "")
	q := &Request{Request: r, Exchange: &fakeExchange{server: s, r: r}}
	s.now = s.now.Add(session.IdleTime - time.Second)
	if !s.isSignedIn(q, false) || !s.isSignedIn(q, true) {
		t.Error("the session has ended")
	}
	s.now = s.now.Add(time.Second)
	if s.isSignedIn(q, false) || s.isSignedIn(q, true) {
		t.Error("looking at a session has kept it alive")
	}
}
