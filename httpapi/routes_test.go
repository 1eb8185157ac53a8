package httpapi

import (
	"strings"
	"testing"
)

const emptyObjectETag = `"bf21a9e8fbc5a3846fb05b4fa0859e0917b2202f"` // the ETag of the text {}

func TestRoutes(t *testing.T) {
	srv := newTestServer(t, nil)
	empty := "{}"
	for _, c := range []struct {
		method, path, send string
		status             int
		body, contentType  string
	}{
		{"GET", "/info", "", 200, `{"description": "", "creation_time": "0", "state_path": "/tabcell", "server_version": "2.16.0", ` +
			`"name": "TabPy Server", "versions": {"v1": {"features": {"evaluate_enabled": true, "gzip_enabled": true, "arrow_enabled": false}}}}`,
			jsonPlain},
		{"GET", "/status?x=1&y", "", 200, empty, jsonPlain},
		{"GET", "/endpoints", "", 200, empty, jsonPlain},
		{"GET", "/status/server", "", 403, `{"message": "This request requires the role \"admin\".", "info": "Forbidden request: clients without an account do not have it (TABCELL_DEFAULT_ROLES)."}`, jsonPlain},
		{"GET", "/endpoints/", "", 200, empty, jsonPlain},
		{"GET", "/endpoints/my%20model", "", 404, `{"message": "Unknown endpoint", "info": "Endpoint my model is not found"}`, jsonPlain},
		{"GET", "/endpoints/a%2fb%25", "", 404, `{"message": "Unknown endpoint", "info": "Endpoint a/b% is not found"}`, jsonPlain},
		{"GET", "/endpoints/a/b", "", 404, pageText(404), html},
		{"POST", "/endpoints/a/b", "", 405, pageText(405), html},
		{"DELETE", "/endpoints/a/b", "", 405, pageText(405), html},
		{"GET", "/configurations/endpoint_upload_destination", "", 200, `{"path": "/tabcell/staging"}`, jsonUTF8},

		{"POST", "/query/none", `{"data": [1]}`, 404, `{"message": "UnknownURI", "info": "Endpoint 'none' does not exist"}`, jsonPlain},
		{"POST", "/query/my%2520model", `{"data": null}`, 404, `{"message": "UnknownURI", "info": "Endpoint 'my model' does not exist"}`, jsonPlain},
		{"POST", "/query/x", `{"method": "m"}`, 404, `{"message": "UnknownURI", "info": "Endpoint 'x' does not exist"}`, jsonPlain},
		{"GET", "/query/x", "", 400, `{"message": "AttributeError : 'dict' object has no attribute 'decode'", "info": {}}`, jsonPlain},
		{"POST", "/query/x", "[1]", 400, `{"message": "RuntimeError : Input data must be a dictionary", "info": {}}`, jsonPlain},
		{"POST", "/query/x", "null", 400, `{"message": "RuntimeError : Input data must be a dictionary", "info": {}}`, jsonPlain},
		{"POST", "/query/x", "{}", 400, `{"message": "RuntimeError : Input data must be a dictionary with a key called \"data\"", "info": {}}`, jsonPlain},
		{"POST", "/query/x", "{\n x", 400, `{"message": "JSONDecodeError : Expecting property name enclosed in double quotes: line 2 column 2 (char 3)", "info": {}}`, jsonPlain},
		{"POST", "/query/x", strings.Repeat("[", 100000), 400,
			`{"message": "RecursionError : maximum recursion depth exceeded while decoding a JSON array from a unicode string", "info": {}}`, jsonPlain},
		{"GET", "/query/", "", 404, pageText(404), html},
		{"POST", "/query/", "", 405, pageText(405), html},
		{"POST", "/query/a/b", `{"data": 1}`, 405, pageText(405), html},

		{"OPTIONS", "/info", "", 200, empty, jsonUTF8},
		{"OPTIONS", "/status", "", 200, empty, jsonUTF8},
		{"OPTIONS", "/evaluate", "", 200, empty, jsonUTF8},
		{"OPTIONS", "/endpoints", "", 200, empty, jsonUTF8},
		{"OPTIONS", "/query/x", "", 200, empty, jsonUTF8},
		{"OPTIONS", "/configurations/endpoint_upload_destination", "", 200, empty, jsonUTF8},
		{"OPTIONS", "/endpoints/x", "", 500, pageText(500), html},
		{"OPTIONS", "/endpoints/", "", 500, pageText(500), html},
		{"OPTIONS", "/", "", 405, pageText(405), html},
		{"OPTIONS", "/health/live", "", 405, pageText(405), html},
		{"OPTIONS", "/unicorn", "", 405, pageText(405), html},

		{"HEAD", "/info", "", 405, "", html},
		{"HEAD", "/query/x", "", 405, "", html},
		{"POST", "/info", "{}", 405, pageText(405), html},
		{"PATCH", "/info", "{}", 405, pageText(405), html},
		{"FOO", "/info", "", 405, pageText(405), html},
		{"get", "/info", "", 405, pageText(405), html},
		{"GET", "/evaluate", "", 405, pageText(405), html},
		{"PUT", "/endpoints", "{}", 405, pageText(405), html},
		{"PUT", "/query/x", "{}", 405, pageText(405), html},
		{"DELETE", "/status", "", 405, pageText(405), html},

		{"GET", "/info/", "", 404, pageText(404), html},
		{"GET", "/Info", "", 404, pageText(404), html},
		{"GET", "/%69nfo", "", 404, pageText(404), html},
		{"GET", "//info", "", 403, pageText(403), html},
		{"GET", "/unicorn", "", 404, pageText(404), html},
		{"HEAD", "/unicorn", "", 404, "", html},
		{"POST", "/unicorn", "x", 405, pageText(405), html},
		{"POST", "/evaluate/", "{}", 405, pageText(405), html},
		{"GET", "/favicon.ico", "", 404, pageText(404), html},
		{"GET", "/static/x.png", "", 404, pageText(404), html},
		{"GET", "/../../etc/passwd", "", 403, pageText(403), html},
		{"GET", "/%2e%2e/%2e%2e/etc/passwd", "", 403, pageText(403), html},
		{"GET", "/a/..%2f..%2fetc", "", 403, pageText(403), html},
		{"GET", "/a%00b", "", 404, pageText(404), html},

		{"GET", "/health/live", "", 200, `{"status": "live"}`, jsonPlain},
		{"GET", "/health/ready", "", 200, `{"status": "ready"}`, jsonPlain},
		{"GET", "/", "", 200, landingOf(t, srv), html},
		{"GET", "/index.html", "", 200, landingOf(t, srv), html},
		{"HEAD", "/", "", 200, "", html},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			got := srv.do(c.method, c.path, c.send)
			got.want(t, c.status, c.body)
			got.wantHeader(t, "Content-Type", c.contentType)
			got.wantHeader(t, "Server", "tabcell")
			got.wantHeader(t, "Vary", "Accept-Encoding")
			if len(got.TransferEncoding) > 0 {
				t.Error("the response is chunked")
			}
		})
	}
}

func TestAllowHeader(t *testing.T) {
	srv := newTestServer(t, nil)
	for path, want := range map[string]string{"/info": "OPTIONS, GET", "/evaluate": "OPTIONS, POST", "/query/x": "OPTIONS, GET, POST", "/unicorn": "GET, HEAD"} {
		srv.do("PATCH", path, "").wantHeader(t, "Allow", want)
	}
}

// Without a models folder, deployment is refused with a reason.
func TestDeployWithoutModels(t *testing.T) {
	srv := newTestServer(t, nil)
	want := `{"message": "This server does not store endpoints; an administrator can enable it with TABCELL_MODELS_PATH.", "info": {}}`
	for _, at := range []string{"POST /endpoints", "PUT /endpoints/x", "DELETE /endpoints/x", "PUT /endpoints/", "DELETE /endpoints/"} {
		method, path, _ := strings.Cut(at, " ")
		srv.do(method, path, `{"name": "x"}`).want(t, 501, want)
	}
}

func TestRequestTargetForms(t *testing.T) {
	srv := newTestServer(t, nil)
	for target, status := range map[string]int{"OPTIONS *": 404, "GET http://x/status": 200, "CONNECT x:80": 404} {
		if got := srv.raw(target+" HTTP/1.1\r\nHost: x\r\n\r\n", false); len(got) != 1 || got[0].StatusCode != status {
			t.Errorf("%s: responses %v, want status %d", target, got, status)
		}
	}
}

func TestSubdirectory(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.Subdirectory = "/sub/dir/" })
	for path, status := range map[string]int{"/sub/dir/info": 200, "/sub/dir/": 200, "/sub/dir/endpoints/x": 404, "/sub/dir": 404, "/info": 404,
		"/": 404, "/sub/dir/info/": 404, "/health/live": 200, "/sub/dir/health/live": 404} {
		if got := srv.do("GET", path, ""); got.StatusCode != status {
			t.Errorf("%s: status %d, want %d", path, got.StatusCode, status)
		}
	}
	srv.do("POST", "/sub/dir/evaluate", `{"script": "return 1", "data": {}}`).want(t, 200, "1")
	srv.do("POST", "/sub/dir/query/a%20b", `{"data": 1}`).want(t, 404, `{"message": "UnknownURI", "info": "Endpoint 'a b' does not exist"}`)
	srv.do("POST", "/evaluate", `{}`).want(t, 404, pageText(404))
	srv.do("POST", "/sub/dir/x", `{}`).want(t, 405, pageText(405))
	for _, bad := range []string{"a*", ":a", "a b", "é", `a\b`} {
		if _, err := New(Config{Subdirectory: bad}, Deps{}); err == nil {
			t.Errorf("subdirectory %q was accepted", bad)
		}
	}
}

func TestEvaluateDisabled(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.EvaluateEnabled, c.CORS.Origin, c.MaxRequestBytes = false, "*", 100 })
	want := `{"message": "Ad-hoc scripts have been disabled on this analytics extension, please contact your administrator.", "info": {}}`
	for _, body := range []string{"", "x", `{"script": "return 1", "data": {}}`} {
		got := srv.do("POST", "/evaluate", body)
		got.want(t, 404, want)
		got.wantHeader(t, "Access-Control-Allow-Origin", "")
	}
	if got := srv.do("POST", "/evaluate", strings.Repeat("x", 101)); got.StatusCode != 413 {
		t.Errorf("body over the limit: status %d, want 413", got.StatusCode)
	}
	if srv.engine.Calls() != 0 {
		t.Error("a script was evaluated")
	}
	if got := srv.do("GET", "/info", ""); !strings.Contains(got.body, `"evaluate_enabled": false`) {
		t.Errorf("/info returned %s", got.body)
	}
}

// A client that sends credentials while authentication is off gets 406, so that it does not take
// the server for protected.
func TestCredentialsWithoutAuthentication(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.Service.Name, c.CORS.Origin = `My "TabPy"`, "*" })
	const good = "Basic dXNlcjE6UEBzc3cwcmQ="
	want := `{"message": "Username or password provided when authentication not available.", "info": "Not Acceptable"}`
	for _, r := range srv.api.routes() {
		method, path := r.method, strings.ReplaceAll(r.path, ":name", "x")
		got := srv.do(method, path, "", "Authorization", good)
		if r.permission == permNone {
			if got.StatusCode == 406 {
				t.Errorf("%s %s needs no credentials, but returned 406", method, path)
			}
			continue
		}
		got.want(t, 406, want)
		got.wantHeader(t, "Www-Authenticate", `Basic realm="My \"TabPy\""`)
		got.wantHeader(t, "Access-Control-Allow-Origin", "")
	}
	if srv.engine.Calls() != 0 {
		t.Error("a script was evaluated")
	}
}
