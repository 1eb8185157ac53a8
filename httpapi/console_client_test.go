package httpapi

import (
	"encoding/json"
	"strings"
	"testing"
)

// consoleClient is a browser that is signed in.
type consoleClient struct {
	*endpointServer
	prefix string // of the server
	cookie string
	csrf   string
}

// newConsoleEndpointServer starts a server with endpoints and the console.
func newConsoleEndpointServer(t testing.TB, authenticator Authenticator, configure func(*Config)) *endpointServer {
	return newEndpointServer(t, authenticator, func(c *Config) {
		c.Console = true
		if configure != nil {
			configure(c)
		}
	})
}

// consoleUser signs in. The letters in the name are those of its roles; see permissionAuthenticator.
// If name is "", authentication is off.
func (s *endpointServer) consoleUser(name string) *consoleClient {
	s.t.Helper()
	c := &consoleClient{endpointServer: s, prefix: s.api.prefix}
	c.csrf = c.session(c.get("/session"))
	if name != "" {
		r := c.send("POST", "/session", `{"username": "`+name+`", "password": "x"}`)
		r.wantStatus(s.t, 200)
		c.csrf = c.session(r)
		for _, cookie := range r.Cookies() {
			c.cookie = cookie.Name + "=" + cookie.Value
		}
	}
	return c
}

// session returns the CSRF token in a description of a session.
func (c *consoleClient) session(r reply) string {
	var b struct{ CSRF string }
	c.decode(r, &b)
	return b.CSRF
}

func (c *consoleClient) get(path string) reply { return c.send("GET", path, "") }

// send sends a request to the API of the console.
func (c *consoleClient) send(method, path, body string, headers ...string) reply {
	c.t.Helper()
	headers = append([]string{"X-Console-CSRF", c.csrf, "Content-Type", "application/json"}, headers...)
	if c.cookie != "" {
		headers = append(headers, "Cookie", c.cookie)
	}
	return c.do(method, c.prefix+"/console/api/v1"+path, body, headers...)
}

func (c *consoleClient) decode(r reply, v any) {
	c.t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		c.t.Fatalf("status %d: %v: %s", r.StatusCode, err, r.body)
	}
}

// wantError checks the status of an error, its code, and that its message and advice contain text.
func (r reply) wantError(t testing.TB, status int, code, text string) {
	t.Helper()
	var b struct {
		Error struct{ Code, Message, Advice, Call string }
	}
	if err := json.Unmarshal([]byte(r.body), &b); err != nil {
		t.Fatalf("status %d: %v: %s", r.StatusCode, err, r.body)
	}
	if e := b.Error; r.StatusCode != status || e.Code != code || !strings.Contains(e.Message+" "+e.Advice, text) || e.Call != r.Header.Get("X-Request-Id") {
		t.Errorf("status %d, %+v; want %d, %s, %q", r.StatusCode, e, status, code, text)
	}
}
