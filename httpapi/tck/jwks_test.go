package tck

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestJWKSServer(t *testing.T) {
	server := startJWKSServer(t, newConfigDir(t))
	defer server.close()
	transport := insecure()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	for i, c := range []struct {
		path   string
		status int
		text   string // prefix of the body
	}{
		{"/keys.json", 200, keySet(t, "keys.json")}, {"/nokid.json", 200, keySet(t, "nokid.json")}, {"/none.json", 404, ""},
		{"/../keys.conf", 404, ""}, {"/error", 500, ""}, {"/text", 200, "no JSON"}, {"/list.json", 200, "[]"}, {"/redirect.json", 302, ""},
		{"/rotate.json", 200, keySet(t, "keys.json")}, {"/rotate.json", 200, keySet(t, "rotated.json")}, {"/rotate.json", 200, keySet(t, "rotated.json")},
	} {
		response, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d%s", server.port, c.path))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != c.status || !strings.HasPrefix(string(text), c.text) || server.fetchCount() != i+1 {
			t.Errorf("%s: status %d, body %s, %d fetches; want status %d, body %s..., %d fetches",
				c.path, response.StatusCode, text, server.fetchCount(), c.status, c.text, i+1)
		}
	}
}

func keySet(t *testing.T, name string) string {
	text, err := recordings.ReadFile("testdata/configs/jwks/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A case that compares fetches must fail if the number differs.
func TestJWKSFetchesCompared(t *testing.T) {
	r := newRunningServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	r.jwks = &jwksServer{}
	r.jwks.fetches.Store(7) // fetches before the case do not count
	c := Case{Request: Request{Method: "GET", Path: "/"}, Response: Response{Status: 200},
		Compare: Rules{Status: statusExact, Body: bodyIgnore, JWKSFetches: true}}
	if got := r.replay(c); len(got) != 0 {
		t.Errorf("differences %q, want none", got)
	}
	c.JWKSFetches = 1
	if got := r.replay(c); len(got) != 1 {
		t.Errorf("differences %q, want one: no fetch", got)
	}
}
