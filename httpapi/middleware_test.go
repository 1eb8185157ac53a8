package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

func returns(body string) runtimetest.Behavior { return runtimetest.Returns(body) }

// A defect of ours costs one answer, not the server.
func TestHandlerPanic(t *testing.T) {
	b := newTestServer(t, func(c *Config) { c.CORS.Origin = "*" })
	b.engine.On("panic", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) { panic("boom\nboom") })
	got := b.script("panic")
	got.want(t, 500, pageText(500))
	got.wantHeader(t, "Content-Type", html)
	got.wantHeader(t, "Access-Control-Allow-Origin", "")
	b.script("return 1").want(t, 200, "1")
	if log := b.log.String(); !strings.Contains(log, `"panic":"boom\nboom"`) || !strings.Contains(log, "middleware_test.go") {
		t.Errorf("no stack in the log: %s", log)
	}
}

func TestCORS(t *testing.T) {
	b := newTestServer(t, func(c *Config) { c.CORS = CORS{Origin: "https://tableau.example", Methods: "GET"} })
	with := map[string]bool{
		"GET /info": true, "GET /status": true, "GET /endpoints": true, "GET /endpoints/x": true, "POST /evaluate": true, "POST /query/x": true,
		"OPTIONS /info": true, "OPTIONS /evaluate": true, "OPTIONS /query/x": true, "OPTIONS /configurations/endpoint_upload_destination": true,
		"POST /endpoints": false, "PUT /endpoints/x": false, "GET /configurations/endpoint_upload_destination": false, "GET /": false,
		"GET /unicorn": false, "PUT /info": false, "OPTIONS /endpoints/x": false,
	}
	for at, want := range with {
		method, path, _ := strings.Cut(at, " ")
		got := b.do(method, path, "", "Origin", "https://other.example").Header
		if (got.Get("Access-Control-Allow-Origin") == "https://tableau.example") != want || (got.Get("Access-Control-Allow-Methods") == "GET") != want {
			t.Errorf("%s: %v", at, got)
		}
		if _, ok := got["Access-Control-Allow-Headers"]; ok {
			t.Errorf("%s: the empty field was sent", at)
		}
	}
	plain := newTestServer(t, nil).do("GET", "/info", "", "Origin", "https://other.example")
	if len(plain.Header.Values("Access-Control-Allow-Origin")) > 0 {
		t.Error("CORS without being configured")
	}
}

func TestRequestIDsAreUUIDs(t *testing.T) {
	b := newTestServer(t, nil)
	pattern := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id := b.do("GET", "/status", "", "X-Request-Id", "mine").Header.Get("X-Request-Id")
		if !pattern.MatchString(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

// lines are the log's lines as objects.
func (b *testServer) logLines() []map[string]any {
	b.t.Helper()
	var all []map[string]any
	for in := bufio.NewScanner(strings.NewReader(b.log.String())); in.Scan(); {
		line := map[string]any{}
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			b.t.Fatalf("%q is no JSON: %v", in.Text(), err)
		}
		all = append(all, line)
	}
	return all
}

// request waits for the access line of a request and returns it.
func (b *testServer) lastAccessLine() map[string]any {
	b.t.Helper()
	var found map[string]any
	waitFor(b.t, "the log line", func() bool {
		for _, line := range b.logLines() {
			if line["logger"] == accessLogger {
				found = line
			}
		}
		return found != nil
	})
	return found
}

func TestOneLineARequest(t *testing.T) {
	b := newTestServer(t, nil)
	b.engine.On("slow", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
		return runtime.Result{Body: []byte("1"), Output: []byte("said\x1b[31m\n"),
			Timing: runtime.Timing{Queue: time.Millisecond, Cell: 2 * time.Millisecond, Run: 3 * time.Millisecond, Copy: 4 * time.Millisecond}}, nil
	})
	got := b.script("slow", "TabPy-Client", "Tableau", "TabPy-User", "ann", "Authorization", "Bearer hunter2")
	line := b.lastAccessLine()
	for key, want := range map[string]any{"level": "info", "method": "POST", "path": "/evaluate", "route": "/evaluate", "status": 200.0, "bytes": 1.0,
		"queue": 1.0, "cell": 2.0, "run": 3.0, "copy": 4.0, "client": "Tableau", "user": "ann", "call": got.Header.Get("X-Request-Id")} {
		if line[key] != want {
			t.Errorf("%s: %v, want %v", key, line[key], want)
		}
	}
	for _, key := range []string{"took", "remote"} {
		if line[key] == nil {
			t.Errorf("no %s", key)
		}
	}
	log := b.log.String()
	if !strings.Contains(log, `"output":"said\u001b[31m\n"`) {
		t.Error("what the script printed is not in the log")
	}
	for _, secret := range []string{"hunter2", "slow"} {
		if strings.Contains(log, secret) {
			t.Errorf("%s is in the log: %s", secret, log)
		}
	}
}

func TestClientsCannotForgeLogLines(t *testing.T) {
	b := newTestServer(t, nil)
	long := strings.Repeat("u", 10000)
	b.raw("GET /a%0d%0a{%22level%22:%22x%22}%1b[0m HTTP/1.1\r\nHost: x\r\nTabPy-User: a\tb\u202e\x80\u0085"+long+"\r\nTabPy-Client: \t\r\n\r\n", false)
	line := b.lastAccessLine()
	if path, user := fmt.Sprint(line["path"]), fmt.Sprint(line["user"]); path != `/a{"level":"x"}[0m` || !strings.HasPrefix(user, "abu") || len(user) > 210 {
		t.Errorf("path %q, user %q", path, user)
	}
	if line["client"] != nil {
		t.Errorf("client %q", line["client"])
	}
	if n := strings.Count(b.log.String(), "\n"); n != 1 {
		t.Errorf("%d lines", n)
	}
}

func TestLevelsFollowTheStatus(t *testing.T) {
	for script, want := range map[string]string{"return 1": "info", "raise ValueError('x')": "error", "crash": "error", "busy": "error"} {
		b := newTestServer(t, nil)
		b.engine.On("crash", runtimetest.Fails(runtime.ErrCrash))
		b.engine.On("busy", runtimetest.Fails(runtime.ErrBusy))
		b.script(script)
		if got := b.lastAccessLine()["level"]; got != want {
			t.Errorf("%s: %v, want %s", script, got, want)
		}
	}
	b := newTestServer(t, nil)
	b.do("GET", "/unicorn", "")
	if got := b.lastAccessLine()["level"]; got != "warn" {
		t.Errorf("404: %v", got)
	}
	probed := newTestServer(t, nil)
	probed.api.deps.Readiness = notReady{}
	probed.do("GET", "/health/ready", "")
	if got := probed.lastAccessLine()["level"]; got != "debug" {
		t.Errorf("a health check: %v", got)
	}
}

// An exception's text may hold data: the request's line names its class and line only.
func TestScriptErrorsInTheLog(t *testing.T) {
	b := newTestServer(t, nil)
	fault := runtime.ScriptError{Kind: runtime.KindScript, Class: "KeyError", Text: "salary", Line: 7, Traceback: "tb"}
	b.engine.On("fail", runtimetest.Fails(&fault))
	b.script("fail")
	line := b.lastAccessLine()
	if line["error"] != "KeyError" || line["line"] != 7.0 {
		t.Errorf("%v", line)
	}
	for _, other := range b.logLines() {
		if other["level"] != "debug" && strings.Contains(fmt.Sprint(other), "salary") {
			t.Errorf("%v", other)
		}
	}
}

func TestScriptTextIsLoggedOnlyWhenAsked(t *testing.T) {
	for _, asked := range []bool{false, true} {
		b := newTestServer(t, func(c *Config) { c.LogScript = asked })
		b.script(strings.Repeat("é", 100_000))
		b.lastAccessLine()
		log := b.log.String()
		if strings.Contains(log, "ééé") != asked || len(log) > 40_000 {
			t.Errorf("asked %v: %d bytes", asked, len(log))
		}
	}
}

type notReady struct{}

func (notReady) Ready() error { return errors.New("the guest is being compiled") }

func TestReadiness(t *testing.T) {
	b := newTestServer(t, nil)
	b.api.deps.Readiness = notReady{}
	b.do("GET", "/health/ready", "").want(t, 503, `{"message": "not ready", "info": "the guest is being compiled"}`)
	b.do("GET", "/health/live", "").want(t, 200, `{"status": "live"}`)
}

func TestServerHasLimits(t *testing.T) {
	cfg := Config{MaxRequestBytes: 100 << 20, Timeout: 90 * time.Second}
	s := NewServer(context.Background(), "127.0.0.1:0", nil, cfg)
	if s.ReadHeaderTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("%+v", s)
	}
	if least := time.Duration(cfg.MaxRequestBytes/(256<<10)) * time.Second; s.ReadTimeout < least || s.WriteTimeout < s.ReadTimeout+cfg.Timeout {
		t.Errorf("reading %v, writing %v", s.ReadTimeout, s.WriteTimeout)
	}
	if s.Protocols.HTTP2() || s.Protocols.UnencryptedHTTP2() || !s.Protocols.HTTP1() {
		t.Errorf("protocols %v", s.Protocols)
	}
}

func TestHTTP1Only(t *testing.T) {
	b := newTestServer(t, nil)
	for text, status := range map[string]int{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 404, "GET /info HTTP/2.0\r\nHost: x\r\n\r\n": 505} {
		if got := b.raw(text, false); len(got) != 1 || got[0].StatusCode != status {
			t.Errorf("%q: %v", text, got)
		}
	}
	got := b.raw("GET /status HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"+
		"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", false)
	if len(got) != 1 || got[0].StatusCode != 200 {
		t.Errorf("upgrade: %v", got)
	}
}

func TestHugeHeaders(t *testing.T) {
	b := newTestServer(t, nil)
	got := b.raw("GET /status HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 2*maxHeaderBytes)+"\r\n\r\n", true)
	if len(got) != 1 || got[0].StatusCode != 431 {
		t.Errorf("%v", got)
	}
}

// A body that trickles in is cut off.
func TestSlowBody(t *testing.T) {
	b := newTestServer(t, nil)
	b.api.transferTimeout = func(int64) time.Duration { return 50 * time.Millisecond }
	for _, text := range []string{headWithLength(10) + "{", postHead("Transfer-Encoding: chunked") + "1\r\n{\r\n"} {
		got := b.raw(text, true)
		if len(got) != 1 || got[0].StatusCode != 408 || !got[0].Close {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// The deadline of a body does not hold for the script that follows.
func TestBodyDeadlineEndsWithTheBody(t *testing.T) {
	b := newTestServer(t, nil)
	b.api.transferTimeout = func(int64) time.Duration { return 50 * time.Millisecond }
	b.engine.On("slow", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		select {
		case <-ctx.Done():
			return runtime.Result{}, ctx.Err()
		case <-time.After(200 * time.Millisecond):
			return runtime.Result{Body: []byte("1")}, nil
		}
	})
	b.script("slow").want(t, 200, "1")
}

// A client that does not fetch its answer loses it.
func TestSlowReaders(t *testing.T) {
	b := newTestServer(t, nil)
	b.api.transferTimeout = func(int64) time.Duration { return 200 * time.Millisecond }
	b.engine.On("big", returns(strings.Repeat("x", 64<<20)))
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = `{"script": "big", "data": {}}`
	fmt.Fprint(conn, headWithLength(len(body))+body)
	waitFor(t, "the answer is counted", func() bool { return b.api.budget.used.Load() > 32<<20 })
	waitFor(t, "the answer is dropped", func() bool { return b.api.budget.used.Load() == 0 })
}

// What net/http complains about reaches the log as one clean line.
func TestServerErrorsAreLogged(t *testing.T) {
	b := newTestServer(t, nil)
	ctx := zerolog.New(b.log).WithContext(context.Background())
	NewServer(ctx, "", nil, Config{}).ErrorLog.Printf("http: TLS handshake error from %s", "1.2.3.4\x1b[0m\nfake")
	if got := b.logLines(); len(got) != 1 || got[0]["message"] != "http: TLS handshake error from 1.2.3.4[0mfake" {
		t.Errorf("%v", got)
	}
}
