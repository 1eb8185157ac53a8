package httpapi

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// logLine waits for a log line whose message matches pattern and returns it.
func (srv *testServer) logLine(pattern string) map[string]any {
	srv.t.Helper()
	compiled := regexp.MustCompile(pattern)
	var found map[string]any
	waitFor(srv.t, "a log line that matches "+pattern, func() bool {
		for _, line := range srv.logLines() {
			if compiled.MatchString(fmt.Sprint(line["message"])) {
				found = line
			}
		}
		return found != nil
	})
	return found
}

func TestAccessLine(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.script("return 1")
	line := srv.logLine(`^200 POST /evaluate \(127\.0\.0\.1\) \d+\.\d\dms$`)
	if line["level"] != "info" || line["logger"] != "tornado.access" {
		t.Errorf("access line %v", line)
	}
	srv.do("GET", "/a%0d%0ab?q=%0a&token=hunter2&x=1", "")
	if line := srv.logLine(`^404 GET /a%0d%0ab\?q=%0a&token=\*\*\*&x=1 \(127\.0\.0\.1\) `); line["level"] != "warn" {
		t.Errorf("access line %v, want level warn", line)
	}
}

func TestFailuresAreLogged(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.do("GET", "/endpoints/zz", "")
	if line := srv.logLine(`^Responding with status=404, message="Unknown endpoint", info="Endpoint zz is not found"$`); line["level"] != "info" || line["call"] == nil {
		t.Errorf("log line %v, want level info and a call ID", line)
	}
	srv.do("GET", `/endpoints/a%22,%20info=%22b%0a%1b[31m`, "")
	srv.logLine(`^Responding with status=404, message="Unknown endpoint", info="Endpoint a', info='b\[31m is not found"$`)
	srv.do("POST", "/query/x", "")
	srv.logLine(`^Responding with status=400, message="AttributeError : 'dict' object has no attribute 'decode'", info="None"$`)
	before := len(srv.logLines())
	srv.do("GET", "/unicorn", "")
	srv.logLine(`^404 GET /unicorn `)
	if lines := srv.logLines(); len(lines) != before+1 && len(lines) != before+2 { // the previous access line may be late
		t.Errorf("an error page has more lines than its access line: %v", lines[before:])
	}
}

// The text of an exception may contain data. It is logged only if LogScript is set.
func TestExceptionTextIsNotLogged(t *testing.T) {
	for logScript, want := range map[bool]string{
		false: `^Responding with status=500, message="Error processing script", info="KeyError : \.\.\."$`,
		true:  `^Responding with status=500, message="Error processing script", info="KeyError : salary of Ann"$`,
	} {
		srv := newTestServer(t, func(c *Config) { c.LogScript = logScript })
		srv.engine.On("fail", runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "KeyError", Text: "salary of Ann"}))
		srv.script("fail")
		srv.logLine(want)
		for _, line := range srv.logLines() {
			if line["level"] != "debug" && strings.Contains(fmt.Sprint(line), "salary") != (logScript && strings.HasPrefix(fmt.Sprint(line["message"]), "Responding")) {
				t.Errorf("LogScript %v: log line %v", logScript, line)
			}
		}
	}
}

const contextPrefix = `^Call ID: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}, Caller: 127\.0\.0\.1, Method: POST, URL: http://127\.0\.0\.1:\d+/evaluate`

func TestCallContext(t *testing.T) {
	details := func(c *Config) { c.LogDetails = true }
	srv := newTestServer(t, details)
	got := srv.script("return 1", "TabPy-Client", "Tool 1", "TabPy-User", "ann")
	line := srv.logLine(contextPrefix + `, Client: Tool 1, Tableau user: ann$`)
	if line["level"] != "info" || line["call"] != got.Header.Get("X-Request-Id") || !strings.Contains(fmt.Sprint(line["message"]), fmt.Sprint(line["call"])) {
		t.Errorf("context line %v", line)
	}
	if line["client"] != "Tool 1" || line["user"] != "ann" || line["remote"] != "127.0.0.1" || line["method"] != "POST" || line["person"] != nil {
		t.Errorf("context line %v", line)
	}
	plain := newTestServer(t, details)
	plain.script("return 1")
	plain.logLine(contextPrefix + `$`)
	query := newTestServer(t, details)
	query.do("POST", "/evaluate?a=1&password=hunter2", `{"script": "return 1", "data": {}}`)
	query.logLine(contextPrefix + `\?a=1&password=\*\*\*$`)
	if n := strings.Count(query.log.String(), "Call ID: "); n != 1 {
		t.Errorf("%d context lines, want 1", n)
	}
	off := newTestServer(t, nil)
	off.script("return 1", "TabPy-Client", "Tool 1")
	off.lastAccessLine()
	if strings.Contains(off.log.String(), "Call ID: ") {
		t.Error("a context line was logged although LogDetails is off")
	}
}

// rejectingAuthenticator rejects all clients but returns the names that they send.
type rejectingAuthenticator struct{}

func (rejectingAuthenticator) Authenticate(_ context.Context, c Credentials) (User, error) {
	return User{Name: c.Name}, &UnauthorizedError{Reason: `Wrong password for user name "` + strings.ToLower(c.Name) + `"`}
}

func (rejectingAuthenticator) Challenge(Credentials) string { return "Basic" }

func (rejectingAuthenticator) Methods() AuthMethods { return AuthMethods{Basic: true} }

func basicAuth(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

// The context line contains the user name as sent, even if the password was wrong. It follows the
// messages about the authentication.
func TestCallContextNamesUser(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.LogDetails = true })
	srv.api.deps.Authenticator = rejectingAuthenticator{}
	srv.script("return 1", "TabPy-User", "ann", "Authorization", basicAuth("User1", "hunter2"))
	line := srv.logLine(contextPrefix + `, Tableau user: ann, TabPy user: User1$`)
	if line["person"] != "User1" {
		t.Errorf("context line %v, want person User1", line)
	}
	reason, context := strings.Index(srv.log.String(), "Wrong password for user name"), strings.Index(srv.log.String(), "Call ID: ")
	if reason < 0 || context < reason || strings.Contains(srv.log.String(), "hunter2") {
		t.Errorf("log:\n%s", srv.log)
	}
}

// logLines returns the lines of the log as objects.
func (srv *testServer) logLines() []map[string]any {
	srv.t.Helper()
	var all []map[string]any
	for in := bufio.NewScanner(strings.NewReader(srv.log.String())); in.Scan(); {
		line := map[string]any{}
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			srv.t.Fatalf("log line %q is not JSON: %v", in.Text(), err)
		}
		all = append(all, line)
	}
	return all
}

// lastAccessLine waits for an access line and returns the last one.
func (srv *testServer) lastAccessLine() map[string]any {
	srv.t.Helper()
	var found map[string]any
	waitFor(srv.t, "an access line", func() bool {
		for _, line := range srv.logLines() {
			if line["logger"] == accessLogger {
				found = line
			}
		}
		return found != nil
	})
	return found
}

func TestAccessLineFields(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.engine.On("slow", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
		return runtime.Result{Body: []byte("1"), Output: []byte("said\x1b[31m\n"),
			Timing: runtime.Timing{Queue: time.Millisecond, Cell: 2 * time.Millisecond, Run: 3 * time.Millisecond, Copy: 4 * time.Millisecond}}, nil
	})
	got := srv.script("slow", "TabPy-Client", "Tableau", "TabPy-User", "ann", "Authorization", "Bearer hunter2")
	line := srv.lastAccessLine()
	for key, want := range map[string]any{"level": "info", "method": "POST", "path": "/evaluate", "route": "/evaluate", "status": 200.0, "bytes": 1.0,
		"queue": 1.0, "cell": 2.0, "run": 3.0, "copy": 4.0, "client": "Tableau", "user": "ann", "call": got.Header.Get("X-Request-Id")} {
		if line[key] != want {
			t.Errorf("%s: %v, want %v", key, line[key], want)
		}
	}
	for _, key := range []string{"took", "remote"} {
		if line[key] == nil {
			t.Errorf("the access line has no field %s", key)
		}
	}
	log := srv.log.String()
	if !strings.Contains(log, `"output":"said\u001b[31m\n"`) {
		t.Error("the log does not contain the output of the script")
	}
	for _, secret := range []string{"hunter2", "slow"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log contains %s:\n%s", secret, log)
		}
	}
}

// The two lines about a failed request have the level of its cause: mistakes of users are not
// errors of the server.
func TestFailureLevels(t *testing.T) {
	scriptError := func(kind runtime.Kind, limit error) error {
		return &runtime.ScriptError{Kind: kind, Class: "KeyError", Text: "x", Limit: limit}
	}
	for name, c := range map[string]struct {
		err           error
		line, failure string
	}{
		"exception":   {scriptError(runtime.KindScript, nil), "info", "info"},
		"empty":       {scriptError(runtime.KindEmpty, nil), "info", "info"},
		"names":       {scriptError(runtime.KindNames, nil), "info", "info"},
		"time":        {runtime.ErrTimeout, "warn", "warn"},
		"own timeout": {scriptError(runtime.KindTimeout, nil), "warn", "warn"},
		"memory":      {runtime.ErrMemory, "warn", "warn"},
		"MemoryError": {scriptError(runtime.KindScript, runtime.ErrMemory), "warn", "warn"},
		"files":       {scriptError(runtime.KindScript, runtime.ErrCellLimit), "warn", "warn"},
		"output":      {runtime.ErrOutput, "warn", "warn"},
		"crash":       {runtime.ErrCrash, "error", "error"},
		"busy":        {runtime.ErrBusy, "error", "error"},
		"early":       {&runtime.PreparingError{Left: time.Minute}, "info", "info"},
		"closed":      {runtime.ErrClosed, "error", "error"},
	} {
		srv := newTestServer(t, nil)
		srv.engine.On("fail", runtimetest.Fails(c.err))
		srv.script("fail")
		if got := srv.lastAccessLine()["level"]; got != c.line {
			t.Errorf("%s: access line at %v, want %s", name, got, c.line)
		}
		if got := srv.logLine(`^Responding with status=`)["level"]; got != c.failure {
			t.Errorf("%s: failure at %v, want %s", name, got, c.failure)
		}
	}
}

func TestAccessLevels(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.script("return 1")
	if got := srv.lastAccessLine()["level"]; got != "info" {
		t.Errorf("200: level %v, want info", got)
	}
	srv = newTestServer(t, nil)
	srv.do("GET", "/unicorn", "")
	if got := srv.lastAccessLine()["level"]; got != "warn" {
		t.Errorf("404: level %v, want warn", got)
	}
	probed := newTestServer(t, nil)
	probed.api.deps.Readiness = notReady{}
	probed.do("GET", "/health/ready", "")
	if got := probed.lastAccessLine()["level"]; got != "debug" {
		t.Errorf("health check: level %v, want debug", got)
	}
}

// An exception is logged once, with its class and line, but not with its text, which may contain
// data.
func TestScriptErrorIsLoggedOnce(t *testing.T) {
	srv := newTestServer(t, nil)
	fault := runtime.ScriptError{Kind: runtime.KindScript, Class: "KeyError", Text: "salary", Line: 7, Traceback: "tb"}
	srv.engine.On("fail", runtimetest.Fails(&fault))
	srv.script("fail")
	if line := srv.logLine(`^Responding with status=500, `); line["error"] != "KeyError" || line["line"] != 7.0 || line["level"] != "info" {
		t.Errorf("failure %v", line)
	}
	if line := srv.lastAccessLine(); line["error"] != nil || line["line"] != nil {
		t.Errorf("the access line repeats the exception: %v", line)
	}
	for _, other := range srv.logLines() {
		if other["level"] != "debug" && strings.Contains(fmt.Sprint(other), "salary") {
			t.Errorf("log line %v contains the text of the exception", other)
		}
	}
}

func TestLogScript(t *testing.T) {
	for _, logScript := range []bool{false, true} {
		srv := newTestServer(t, func(c *Config) { c.LogScript = logScript })
		srv.script(strings.Repeat("é", 100_000))
		srv.lastAccessLine()
		log := srv.log.String()
		if strings.Contains(log, "ééé") != logScript || len(log) > 40_000 {
			t.Errorf("LogScript %v: the log has %d bytes", logScript, len(log))
		}
	}
}
