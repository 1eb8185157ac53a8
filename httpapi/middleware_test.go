package httpapi

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"tabcell/runtime"
)

// A panic in a handler fails one request, not the server.
func TestHandlerPanic(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.CORS.Origin = "*" })
	srv.engine.On("panic", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) { panic("boom\nboom") })
	got := srv.script("panic")
	got.want(t, 500, pageText(500))
	got.wantHeader(t, "Content-Type", html)
	got.wantHeader(t, "Access-Control-Allow-Origin", "")
	srv.script("return 1").want(t, 200, "1")
	if log := srv.log.String(); !strings.Contains(log, `"panic":"boom\nboom"`) || !strings.Contains(log, "middleware_test.go") {
		t.Errorf("the log has no stack trace:\n%s", log)
	}
}

func TestCORS(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.CORS = CORS{Origin: "https://tableau.example", Methods: "GET"} })
	routes := map[string]bool{
		"GET /info": true, "GET /status": true, "GET /endpoints": true, "GET /endpoints/x": true, "POST /evaluate": true, "POST /query/x": true,
		"OPTIONS /info": true, "OPTIONS /evaluate": true, "OPTIONS /query/x": true, "OPTIONS /configurations/endpoint_upload_destination": true,
		"POST /endpoints": false, "PUT /endpoints/x": false, "GET /configurations/endpoint_upload_destination": false, "GET /": false,
		"GET /unicorn": false, "PUT /info": false, "OPTIONS /endpoints/x": false,
	}
	for target, want := range routes {
		method, path, _ := strings.Cut(target, " ")
		origin := "https://other.example"
		if method == "POST" || method == "PUT" {
			origin = "https://tableau.example" // others are refused; see TestForeignPagesAreRefused
		}
		got := srv.do(method, path, "", "Origin", origin).Header
		if (got.Get("Access-Control-Allow-Origin") == "https://tableau.example") != want || (got.Get("Access-Control-Allow-Methods") == "GET") != want {
			t.Errorf("%s: headers %v, want CORS headers: %v", target, got, want)
		}
		if _, ok := got["Access-Control-Allow-Headers"]; ok {
			t.Errorf("%s: the header without a value was sent", target)
		}
	}
	plain := newTestServer(t, nil).do("GET", "/info", "", "Origin", "https://other.example")
	if len(plain.Header.Values("Access-Control-Allow-Origin")) > 0 {
		t.Error("CORS headers were sent without being configured")
	}
}

func TestRequestIDsAreUUIDs(t *testing.T) {
	srv := newTestServer(t, nil)
	pattern := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id := srv.do("GET", "/status", "", "X-Request-Id", "mine").Header.Get("X-Request-Id")
		if !pattern.MatchString(id) || seen[id] {
			t.Fatalf("call ID %q is not a UUID or not unique", id)
		}
		seen[id] = true
	}
}
