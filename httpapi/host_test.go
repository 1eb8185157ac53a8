package httpapi

import "testing"

func TestAllowedHosts(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.AllowedHosts = []string{"tab.example", "Box.Corp.Example."} })
	for host, status := range map[string]int{
		"tab.example": 200, "TAB.example:9004": 200, "tab.example.": 200, "tab.example:": 200, "box.corp.example": 200,
		"localhost": 200, "localhost:9004": 200, "localhost.": 200, "127.0.0.1:1": 200, "127.0.0.1": 200, "[::1]:9004": 200, "[::1]": 200,
		"box": 200, "10.1.2.3:80": 200,
		"evil.example": 403, "evil.example:9004": 403, "tab.example.evil": 403, "evil.tab.example": 403, "evil:tab.example": 403,
		"127.0.0.1.evil.example": 403, "localhost.evil.example:80": 403, "127.0.0.1x.example": 403, "[evil.example]": 403, "[::1": 403, "1.2.3": 403,
		"tab.example:80:80": 403, "::1": 403,
	} {
		got := srv.raw("GET /status HTTP/1.1\r\nHost: "+host+"\r\n\r\n", false)
		if len(got) != 1 || got[0].StatusCode != status {
			t.Errorf("host %s: responses %v, want status %d", host, got, status)
		}
	}
	for _, text := range []string{"GET /status HTTP/1.0\r\n\r\n", "GET /status HTTP/1.1\r\nHost:\r\n\r\n"} {
		if got := srv.raw(text, false); len(got) != 1 || got[0].StatusCode != 200 {
			t.Errorf("request %q: responses %v, want status 200", text, got)
		}
	}
}

func TestAllHostsAllowedByDefault(t *testing.T) {
	srv := newTestServer(t, nil)
	if got := srv.raw("GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n", false); len(got) != 1 || got[0].StatusCode != 200 {
		t.Errorf("responses %v, want status 200", got)
	}
}
