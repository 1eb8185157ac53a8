package httpapi

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

func TestClientsCannotForgeLogLines(t *testing.T) {
	srv := newTestServer(t, nil)
	long := strings.Repeat("u", 10000)
	srv.raw("GET /a%0d%0a{%22level%22:%22x%22}%1b[0m HTTP/1.1\r\nHost: x\r\nTabPy-User: a\tb\u202e\x80\u0085"+long+"\r\nTabPy-Client: \t\r\n\r\n", false)
	line := srv.lastAccessLine()
	if path, user := fmt.Sprint(line["path"]), fmt.Sprint(line["user"]); path != `/a{"level":"x"}[0m` || !strings.HasPrefix(user, "abu") || len(user) > 210 {
		t.Errorf("path %q, user %q", path, user)
	}
	if line["client"] != nil {
		t.Errorf("client %q, want none", line["client"])
	}
	if n := strings.Count(srv.log.String(), "\n"); n != 1 {
		t.Errorf("%d log lines, want 1", n)
	}
}

// A name must not be able to begin a new line or to imitate another part of its line.
func TestCallContextCannotBeForged(t *testing.T) {
	for name, want := range map[string]string{
		"ann, TabPy user: admin":          `, Tableau user: "ann, TabPy user: admin"$`,
		"ann, <<call ID: x>>":             `, Tableau user: "ann, <<call ID: x>>"$`,
		`ann", TabPy user: admin`:         `, Tableau user: "ann\\", TabPy user: admin"$`,
		"ann\u2028Call ID: x":             `, Tableau user: annCall ID: x$`,
		"ann\u009b0m\u202e\t":             `, Tableau user: ann0m$`,
		"ann\u0085\u00a0\ufeff\u200b\xff": `, Tableau user: ann$`,
		"\u200b\u202e":                    `/evaluate$`,
		strings.Repeat("n", 10_000):       `, Tableau user: n{200}\.\.\.$`,
		"Bearer hunter2hunter2":           `, Tableau user: Bearer \*\*\*$`,
		"basic aHVudGVyMjpodW50ZXIy":      `, Tableau user: basic \*\*\*$`,
		"eyJhbGciOiJSUzI1NiJ9.hunter2.x":  `, Tableau user: \*\*\*$`,
	} {
		srv := newTestServer(t, func(c *Config) { c.LogDetails = true })
		srv.raw("POST /evaluate HTTP/1.1\r\nHost: 127.0.0.1:1\r\nTabPy-User: "+name+"\r\nContent-Length: 2\r\n\r\n{}", false)
		srv.logLine(`^Call ID: .*` + want)
	}
}

func TestRedactTarget(t *testing.T) {
	for target, want := range map[string]string{
		"/evaluate":                                   "/evaluate",
		"/x?a=1&b=2;c=3":                              "/x?a=1&b=2;c=3",
		"/x?":                                         "/x?",
		"/x?access_token=hunter2":                     "/x?access_token=***",
		"/x?a=1;Token=hunter2;b=2":                    "/x?a=1;Token=***;b=2",
		"/x?%74oken=hunter2":                          "/x?%74oken=***",
		"/x?%2574ok%2565n=hunter2":                    "/x?%2574ok%2565n=***",
		"/x?api-key=hunter2&apiKey=hunter2":           "/x?api-key=***&apiKey=***",
		"/x?user[password]=hunter2":                   "/x?user[password]=***",
		"/x?PassWd=hunter2=hunter2":                   "/x?PassWd=***",
		"/x?code=hunter2&encode=1":                    "/x?code=***&encode=1",
		"/x?X-Amz-Signature=hunter2":                  "/x?X-Amz-Signature=***",
		"/x?q=Bearer%20hunter2":                       "/x?q=***",
		"/x?q=Basic+hunter2":                          "/x?q=***",
		"/x?Basic%20hunter2":                          "/x?***",
		"/x?q=eyJhbGciOiJub25l.hunter2.":              "/x?q=***",
		"/x?eyJhbGciOiJub25l.hunter2.":                "/x?***",
		"/eyJhbGciOiJub25l.hunter2.sig/x":             "/***/x",
		"http://ann:hunter2@host/x":                   "http://***@host/x",
		"http://ann:hunter2@b@host:1/x?token=hunter2": "http://***@host:1/x?token=***",
		"http://hunter2@host":                         "http://***@host",
		"/x\u2028\x1b":                                "/x",
		"/" + strings.Repeat("x", 2000):               "/" + strings.Repeat("x", 999) + "...",
		"*":                                           "*",
		"":                                            "",
	} {
		if got := redactTarget(target); got != want {
			t.Errorf("redactTarget(%q) = %q, want %q", target, got, want)
		}
	}
}

// No secret reaches the log, for any request and with LogDetails.
func TestSecretsAreNotLogged(t *testing.T) {
	const secret = "hunter2hunter2"
	token := "eyJhbGciOiJSUzI1NiJ9." + secret + ".c2ln"
	encoded := base64.StdEncoding.EncodeToString([]byte("ann:" + secret))
	script := `{"script": "return 1 # ` + secret + `", "data": {"_arg1": ["` + secret + `"]}}`
	srv := newTestServer(t, func(c *Config) { c.LogDetails = true })
	srv.api.deps.Authenticator = rejectingAuthenticator{}
	open := newTestServer(t, func(c *Config) { c.LogDetails = true })
	open.engine.On("return 1 # "+secret, runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "", Line: 1}))
	guarded := newTestServer(t, func(c *Config) { c.LogDetails, c.AllowedHosts = true, []string{"tab.example"} })
	for _, server := range []*testServer{srv, open, guarded} {
		for _, head := range []string{
			"Authorization: Basic " + encoded, "Authorization: basic  " + encoded, "Authorization: Basic " + secret, "Authorization: " + secret, "Authorization: Basic",
			"Authorization: Bearer " + token, "Authorization: Bearer " + secret, "Authorization: Digest username=\"ann\", response=\"" + secret + "\"",
			"Authorization: Negotiate " + secret, "Authorization:Bearer\t" + token, "authorization: BASIC " + encoded + " " + secret, "Authorization: \"" + secret + "\"",
			"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(secret)), "Authorization: Basic " + encoded + "\r\nAuthorization: Bearer " + token,
			"Proxy-Authorization: Basic " + encoded, "Cookie: session=" + secret, "X-Api-Key: " + secret, "X-Forwarded-Authorization: Bearer " + token,
			"TabPy-User: Bearer " + secret, "TabPy-Client: " + token, "TabPy-User: Basic " + encoded, "Referer: http://ann:" + secret + "@host/?token=" + secret,
			"X-Forwarded-For: " + secret, "Forwarded: for=" + secret, "X-Request-Id: " + secret, "Content-Encoding: " + secret, "User-Agent: " + secret,
		} {
			for _, line := range []string{"POST /evaluate", "POST /evaluate?token=" + secret, "GET /info?access_token=" + token, "GET http://ann:" + secret + "@h/info",
				"POST /query/x?password=" + secret, "GET /nothing?api_key=" + secret, "OPTIONS /info?jwt=" + token, "PUT /endpoints/x?secret=" + secret} {
				server.raw(fmt.Sprintf("%s HTTP/1.1\r\nHost: 127.0.0.1:1\r\n%s\r\nContent-Length: %d\r\n\r\n%s", line, head, len(script), script), false)
			}
		}
		server.raw("GET /info HTTP/1.1\r\nHost: ann:"+secret+"@h\r\n\r\n", false)
		waitFor(t, "the last log line", func() bool {
			return strings.Contains(server.log.String(), "@h/info") || strings.Contains(server.log.String(), `"status":400`)
		})
		for _, forbidden := range []string{secret, encoded, base64.StdEncoding.EncodeToString([]byte(secret))} {
			if i := strings.Index(server.log.String(), forbidden); i >= 0 {
				log := server.log.String()
				t.Fatalf("the log contains %s: ...%s...", forbidden, log[max(0, i-300):min(len(log), i+100)])
			}
		}
	}
}
