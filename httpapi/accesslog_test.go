package httpapi

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// message waits for a line of the log whose message matches, and returns the line.
func (b *testServer) logLine(pattern string) map[string]any {
	b.t.Helper()
	compiled := regexp.MustCompile(pattern)
	var found map[string]any
	waitFor(b.t, "a line "+pattern, func() bool {
		for _, line := range b.logLines() {
			if compiled.MatchString(fmt.Sprint(line["message"])) {
				found = line
			}
		}
		return found != nil
	})
	return found
}

func TestAccessLine(t *testing.T) {
	b := newTestServer(t, nil)
	b.script("return 1")
	line := b.logLine(`^200 POST /evaluate \(127\.0\.0\.1\) \d+\.\d\dms$`)
	if line["level"] != "info" || line["logger"] != "tornado.access" {
		t.Errorf("%v", line)
	}
	b.do("GET", "/a%0d%0ab?q=%0a&token=hunter2&x=1", "")
	if line := b.logLine(`^404 GET /a%0d%0ab\?q=%0a&token=\*\*\*&x=1 \(127\.0\.0\.1\) `); line["level"] != "warn" {
		t.Errorf("%v", line)
	}
}

func TestFailuresAreLogged(t *testing.T) {
	b := newTestServer(t, nil)
	b.do("GET", "/endpoints/zz", "")
	if line := b.logLine(`^Responding with status=404, message="Unknown endpoint", info="Endpoint zz is not found"$`); line["level"] != "error" || line["call"] == nil {
		t.Errorf("%v", line)
	}
	b.do("GET", `/endpoints/a%22,%20info=%22b%0a%1b[31m`, "")
	b.logLine(`^Responding with status=404, message="Unknown endpoint", info="Endpoint a', info='b\[31m is not found"$`)
	b.do("POST", "/query/x", "")
	b.logLine(`^Responding with status=400, message="AttributeError : 'dict' object has no attribute 'decode'", info="None"$`)
	before := len(b.logLines())
	b.do("GET", "/unicorn", "")
	b.logLine(`^404 GET /unicorn `)
	if lines := b.logLines(); len(lines) != before+1 && len(lines) != before+2 { // the access line of the request before may come late
		t.Errorf("a page is told by its access line only: %v", lines[before:])
	}
}

// What an exception says may hold the data: it takes the switch that logs scripts.
func TestExceptionTextIsNotLogged(t *testing.T) {
	for asked, want := range map[bool]string{
		false: `^Responding with status=500, message="Error processing script", info="KeyError : \.\.\."$`,
		true:  `^Responding with status=500, message="Error processing script", info="KeyError : salary of Ann"$`,
	} {
		b := newTestServer(t, func(c *Config) { c.LogScript = asked })
		b.engine.On("fail", runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "KeyError", Text: "salary of Ann"}))
		b.script("fail")
		b.logLine(want)
		for _, line := range b.logLines() {
			if line["level"] != "debug" && strings.Contains(fmt.Sprint(line), "salary") != (asked && strings.HasPrefix(fmt.Sprint(line["message"]), "Responding")) {
				t.Errorf("asked %v: %v", asked, line)
			}
		}
	}
}

const contextPrefix = `^Call ID: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}, Caller: 127\.0\.0\.1, Method: POST, URL: http://127\.0\.0\.1:\d+/evaluate`

func TestCallContext(t *testing.T) {
	details := func(c *Config) { c.LogDetails = true }
	b := newTestServer(t, details)
	got := b.script("return 1", "TabPy-Client", "Tool 1", "TabPy-User", "ann")
	line := b.logLine(contextPrefix + `, Client: Tool 1, Tableau user: ann$`)
	if line["level"] != "info" || line["call"] != got.Header.Get("X-Request-Id") || !strings.Contains(fmt.Sprint(line["message"]), fmt.Sprint(line["call"])) {
		t.Errorf("%v", line)
	}
	if line["client"] != "Tool 1" || line["user"] != "ann" || line["remote"] != "127.0.0.1" || line["method"] != "POST" || line["person"] != nil {
		t.Errorf("%v", line)
	}
	plain := newTestServer(t, details)
	plain.script("return 1")
	plain.logLine(contextPrefix + `$`)
	query := newTestServer(t, details)
	query.do("POST", "/evaluate?a=1&password=hunter2", `{"script": "return 1", "data": {}}`)
	query.logLine(contextPrefix + `\?a=1&password=\*\*\*$`)
	if n := strings.Count(query.log.String(), "Call ID: "); n != 1 {
		t.Errorf("%d lines", n)
	}
	off := newTestServer(t, nil)
	off.script("return 1", "TabPy-Client", "Tool 1")
	off.lastAccessLine()
	if strings.Contains(off.log.String(), "Call ID: ") {
		t.Error("the context is logged without being asked for")
	}
}

// naming is a gate that believes nobody, and says who it was.
type rejectingAuthenticator struct{}

func (rejectingAuthenticator) Authenticate(_ context.Context, c Credentials) (User, error) {
	return User{Name: c.Name}, &UnauthorizedError{Reason: `Wrong password for user name "` + strings.ToLower(c.Name) + `"`}
}
func (rejectingAuthenticator) Challenge(Credentials) string { return "Basic" }
func (rejectingAuthenticator) Methods() AuthMethods         { return AuthMethods{Basic: true} }

func basicAuth(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

// The person is named as sent, also when the password was wrong, and after the sentences about
// that.
func TestCallContextNamesUser(t *testing.T) {
	b := newTestServer(t, func(c *Config) { c.LogDetails = true })
	b.api.deps.Authenticator = rejectingAuthenticator{}
	b.script("return 1", "TabPy-User", "ann", "Authorization", basicAuth("User1", "hunter2"))
	line := b.logLine(contextPrefix + `, Tableau user: ann, TabPy user: User1$`)
	if line["person"] != "User1" {
		t.Errorf("%v", line)
	}
	wrong, who := strings.Index(b.log.String(), "Wrong password for user name"), strings.Index(b.log.String(), "Call ID: ")
	if wrong < 0 || who < wrong || strings.Contains(b.log.String(), "hunter2") {
		t.Errorf("%s", b.log)
	}
}

// Names can neither make a line nor pose as another part of it.
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
		b := newTestServer(t, func(c *Config) { c.LogDetails = true })
		b.raw("POST /evaluate HTTP/1.1\r\nHost: 127.0.0.1:1\r\nTabPy-User: "+name+"\r\nContent-Length: 2\r\n\r\n{}", false)
		b.logLine(`^Call ID: .*` + want)
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
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

// Nothing secret reaches the log, whatever a request looks like and however much is logged.
func TestNoSecretReachesTheLog(t *testing.T) {
	const secret = "hunter2hunter2"
	token := "eyJhbGciOiJSUzI1NiJ9." + secret + ".c2ln"
	encoded := base64.StdEncoding.EncodeToString([]byte("ann:" + secret))
	script := `{"script": "return 1 # ` + secret + `", "data": {"_arg1": ["` + secret + `"]}}`
	b := newTestServer(t, func(c *Config) { c.LogDetails = true })
	b.api.deps.Authenticator = rejectingAuthenticator{}
	open := newTestServer(t, func(c *Config) { c.LogDetails = true })
	open.engine.On("return 1 # "+secret, runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "", Line: 1}))
	guarded := newTestServer(t, func(c *Config) { c.LogDetails, c.AllowedHosts = true, []string{"tab.example"} })
	for _, on := range []*testServer{b, open, guarded} {
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
				on.raw(fmt.Sprintf("%s HTTP/1.1\r\nHost: 127.0.0.1:1\r\n%s\r\nContent-Length: %d\r\n\r\n%s", line, head, len(script), script), false)
			}
		}
		on.raw("GET /info HTTP/1.1\r\nHost: ann:"+secret+"@h\r\n\r\n", false)
		waitFor(t, "the last line", func() bool {
			return strings.Contains(on.log.String(), "@h/info") || strings.Contains(on.log.String(), `"status":400`)
		})
		for _, forbidden := range []string{secret, encoded, base64.StdEncoding.EncodeToString([]byte(secret))} {
			if i := strings.Index(on.log.String(), forbidden); i >= 0 {
				log := on.log.String()
				t.Fatalf("%s is in the log: ...%s...", forbidden, log[max(0, i-300):min(len(log), i+100)])
			}
		}
	}
}
