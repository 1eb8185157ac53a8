package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// run sends a body to POST /run and returns the result, which must have status 200.
func (c *client) run(body string) (r runResult) {
	c.t.Helper()
	w := c.do("POST", "/run", body)
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != 200 {
		c.t.Fatalf("%.100s: %d %.300s (%v)", body, w.Code, w.Body, err)
	}
	return r
}

func TestRunRefusals(t *testing.T) {
	s := newFakeServer(t, false)
	for _, c := range []struct {
		body   string
		status int
		text   string
	}{
		{`{"kind": "script", "script": " \n"}`, 400, "The script is empty."},
		{`{"kind": "r", "script": "1"}`, 400, `The kind \"r\" is unknown`},
		{`{"kind": "script", "function": "SCRIPT_DATE", "script": "1"}`, 400, `The function \"SCRIPT_DATE\" is unknown`},
		{`{"kind": "prep", "script": "1"}`, 400, "needs the name of a function"},
		{`{"kind": "prep", "function_name": "f(); g", "script": "1"}`, 400, "needs the name of a function"},
		{`{"kind": "table", "script": "1", "args": [1]}`, 400, "Only the kind script has args"},
		{`{"kind": "script", "script": "1", "table": {}}`, 400, "has no table"},
		{`{"kind": "table", "script": "1", "table": [1]}`, 400, "must be an object"},
		{`{"kind": "script", "script": "1", "args": [` + strings.Repeat("1,", maxArguments) + `1]}`, 400, "has 1001 arguments"},
		{`{"kind": "script", "script": "1", "arguments": [1]}`, 400, `unknown field \"arguments\"`},
		{`{"kind": "script", "script": "1", "args": [NaN]}`, 400, "invalid character 'N'"},
		{`{"kind": "script", "script": "1"`, 400, "it ends too early"},
		{`{"kind": "script", "script": "` + strings.Repeat("x", maxScript+1) + `"}`, 413, "The script has 1048577 bytes and exceeds the console's limit of 1048576 bytes."},
		{strings.Repeat(" ", maxData+1), 413, "The request has 33554433 bytes. It exceeds the console's limit of 33554432 bytes."},
	} {
		client := s.client()
		w := client.do("POST", "/run", c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.text) {
			t.Errorf("%.80s: %d %s", c.body, w.Code, w.Body)
		}
		code(t, w)
	}
	if s.engine.Calls() != 0 {
		t.Error("a refused script has run")
	}
	s.cfg.MaxRequestBytes = 1000
	if w := s.client().do("POST", "/run", strings.Repeat(" ", 1001)); w.Code != 413 || !strings.Contains(w.Body.String(), "limit of 1000 bytes") {
		t.Errorf("with a smaller limit: %d %s", w.Code, w.Body)
	}
	s.cfg.EvaluateEnabled = false
	if w := s.client().do("POST", "/run", `{"kind": "script", "script": "return 1"}`); w.Code != 404 || code(t, w) != "unavailable" {
		t.Errorf("with TABCELL_EVALUATE_ENABLE off: %d %s", w.Code, w.Body)
	}
}

// TestCalls checks the requests that the kinds of scripts become.
func TestCalls(t *testing.T) {
	for _, c := range []struct {
		body runBody
		want string
	}{
		{runBody{Kind: "script", Script: `return "ä<"`}, `{"data": {}, "script": "return \"ä\u003c\""}`},
		{runBody{Kind: "script", Script: "x", Args: []json.RawMessage{[]byte("[1, 2]"), []byte(`"a"`)}}, `{"data": {"_arg1": [1, 2], "_arg2": "a"}, "script": "x"}`},
		{runBody{Kind: "table", Script: "x"}, `{"data": {"_arg1": {}}, "script": "x"}`},
		{runBody{Kind: "table", Script: "x", Table: []byte(`{"a": [1]}`)}, `{"data": {"_arg1": {"a": [1]}}, "script": "x"}`},
		{runBody{Kind: "prep", Script: "f", FunctionName: "größe", Table: []byte(`{"a": [1]}`)}, `{"data": {"_arg1": {"a": [1]}}, "script": "f\nimport pandas as pd\nexecution_result = größe(pd.DataFrame(_arg1))\nif isinstance(execution_result, pd.DataFrame):\n    return execution_result.to_dict(orient='list')\nreturn execution_result"}`},
	} {
		if err := c.body.check(); err != nil {
			t.Errorf("%+v: %v", c.body, err)
		}
		if got := string(c.body.call().body()); got != c.want {
			t.Errorf("%+v:\n%s, want\n%s", c.body, got, c.want)
		}
	}
	schema := (&runBody{Kind: "prep", Script: "def get_output_schema():\n  pass"}).call().schema
	if strings.Count(prepDefinitions, "\n") != 1 || !strings.HasPrefix(schema, prepDefinitions) {
		t.Errorf("the script for the schema is %q", schema)
	}
}

func TestRunResults(t *testing.T) {
	s := newFakeServer(t, false)
	s.engine.On("print", func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{
			Body: []byte("[1, 2]"), Output: []byte("out\xff"), Errors: []byte(strings.Repeat("e", maxPrinted) + "\n[1 more bytes]"), Fuel: 7, Memory: 8,
			Timing: runtime.Timing{Queue: time.Millisecond, Cell: 2 * time.Millisecond, Run: 3 * time.Millisecond, Copy: 4 * time.Millisecond},
		}, nil
	})
	s.engine.On("invalid", runtimetest.Returns("[1, }"))
	c := s.client()
	r := c.run(`{"kind": "script", "script": "print", "args": [[1, 2], 3]}`)
	if r.ID != "call-1" || string(r.Value) != "[1,2]" || r.Rows != 2 || r.ExpectedRows != 2 || r.Stdout != "out\ufffd" || len(r.Stderr) <= maxPrinted || len(r.Warnings) != 0 {
		t.Errorf("result %+v", r)
	}
	if r.Truncated != (truncatedBody{Bytes: 6, Stderr: true}) || r.Fuel != 7 || r.Memory != 8 {
		t.Errorf("result %+v", r)
	}
	if p := r.Phases; p.Queue < 1 || p.Cell != 2 || p.Run != 3 || p.Copy != 4 || p.Total <= 0 {
		t.Errorf("phases %+v", p)
	}
	if r := c.run(`{"kind": "script", "script": "invalid"}`); r.Error == nil || r.Error.Class != "SystemError" || string(r.Value) != "null" {
		t.Errorf("an invalid answer: %+v", r)
	}
	if r := c.run(`{"kind": "script", "script": "return 1", "args": [[1, 2, 3]]}`); r.Rows != 1 || len(r.Warnings) != 0 {
		t.Errorf("a single value: %+v", r)
	}
}

func TestRunErrors(t *testing.T) {
	s := newFakeServer(t, false)
	s.engine.On("raise\nx", runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "bad", Line: 2, Traceback: "Traceback"}))
	s.engine.On("far", runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindScript, Class: "E", Text: strings.Repeat("ä", maxErrorText), Line: 9}))
	s.engine.On("memory", runtimetest.Fails(runtime.ErrMemory))
	s.engine.On("time", runtimetest.Fails(runtime.ErrTimeout))
	s.engine.On("output", runtimetest.Fails(runtime.ErrOutput))
	s.engine.On("crash", runtimetest.Fails(runtime.ErrCrash))
	s.engine.On("busy", runtimetest.Fails(&runtime.BusyError{RetryAfter: time.Second}))
	c := s.client()
	for script, want := range map[string]scriptError{
		`raise\nx`: {Class: "ValueError", Message: "bad", Line: 2, In: "script", Traceback: "Traceback"},
		"memory":   {Class: "MemoryError", Message: runtime.ErrMemory.Error(), In: "server", Limit: "memory"},
		"time":     {Class: "TimeoutError", Message: runtime.ErrTimeout.Error(), In: "server", Limit: "time"},
		"output":   {Class: "OverflowError", Message: runtime.ErrOutput.Error(), In: "server", Limit: "output"},
		"crash":    {Class: "SystemError", Message: runtime.ErrCrash.Error(), In: "server"},
	} {
		if r := c.run(`{"kind": "script", "script": "` + script + `"}`); r.Error == nil || *r.Error != want || r.Rows != 0 || string(r.Value) != "null" {
			t.Errorf("%s: %+v, want %+v", script, r.Error, want)
		}
	}
	if r := c.run(`{"kind": "script", "script": "far"}`); r.Error.Line != 0 || len(r.Error.Message) > maxErrorText+50 || !strings.HasSuffix(r.Error.Message, "(cut; 131072 bytes in all)") {
		t.Errorf("line %d, %d bytes", r.Error.Line, len(r.Error.Message))
	}
	if w := c.do("POST", "/run", `{"kind": "script", "script": "busy"}`); w.Code != 503 || code(t, w) != "busy" || w.Header().Get("Retry-After") != "1" {
		t.Errorf("busy: %d %s", w.Code, w.Body)
	}
}

// TestCancel checks that closing a request ends its script.
func TestCancel(t *testing.T) {
	s := newFakeServer(t, false)
	started := make(chan struct{})
	s.engine.On("wait", runtimetest.Blocks(started))
	c := s.client()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		done <- c.send(c.request("POST", apiPath+"/run", `{"kind": "script", "script": "wait"}`).WithContext(ctx)).Code
	}()
	<-started
	cancel()
	if status := <-done; status != 499 || s.engine.Running() != 0 || s.engine.Cancelled() != 1 || s.share.Running() != 0 {
		t.Errorf("status %d, %d scripts run", status, s.engine.Running())
	}
}

// TestShareOfCells checks that the console uses a quarter of the cells, and refuses scripts beyond
// its queue with the figures.
func TestShareOfCells(t *testing.T) {
	s := newFakeServer(t, true) // with 8 cells
	started := make(chan struct{})
	s.engine.On("wait", runtimetest.Blocks(started))
	ctx, cancel := context.WithCancel(t.Context())
	clients := []*client{s.signedIn(User{Account: "a", Roles: RoleEvaluate}, "a"), s.signedIn(User{Account: "b", Roles: RoleEvaluate}, "b")}
	const body = `{"kind": "script", "script": "wait"}`
	done := make(chan int)
	send := func(c *client) {
		copied := *c
		go func() { done <- copied.send(copied.request("POST", apiPath+"/run", body).WithContext(ctx)).Code }()
	}
	send(clients[0])
	<-started
	send(clients[1])
	<-started
	waiting := 0
	for s.share.Waiting() < shareQueue {
		if s.share.Waiting() == waiting {
			send(clients[waiting%2])
			waiting++
		}
		time.Sleep(time.Millisecond)
	}
	if s.engine.Running() != 2 || s.share.Running() != 2 {
		t.Errorf("%d scripts run, want 2", s.engine.Running())
	}
	w := clients[0].do("POST", "/run", body)
	if w.Code != 503 || code(t, w) != "busy" || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "2 of 2 scripts run, and 16 wait") {
		t.Errorf("beyond the queue: %d %s", w.Code, w.Body)
	}
	cancel()
	for range 2 + waiting {
		if status := <-done; status != 499 {
			t.Errorf("status %d", status)
		}
	}
	if s.share.Running()+s.share.Waiting() != 0 {
		t.Error("permits are lost")
	}
}

// TestWaitForShare checks that a script waits for the share as long as it may run, not longer.
func TestWaitForShare(t *testing.T) {
	s := newFakeServer(t, false)
	s.cfg.Timeout = time.Millisecond
	for range s.sharePermits() {
		release, err := s.share.Acquire(t.Context(), runtime.Owner{})
		if err != nil {
			t.Fatal(err)
		}
		defer release()
	}
	if w := s.client().do("POST", "/run", `{"kind": "script", "script": "return 1"}`); w.Code != 503 || code(t, w) != "busy" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestQuery(t *testing.T) {
	s := newFakeServer(t, false)
	s.engine.On("query", runtimetest.Returns("[1, NaN]"))
	c := s.client()
	var r runResult
	w := c.do("POST", "/endpoints/m/query", `{"args": {"_arg1": [1, 2, 3], "_arg2": 5}}`)
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != 200 || string(r.Value) != "[1,null]" || r.Rows != 2 || r.ExpectedRows != 3 {
		t.Errorf("%d %s (%v)", w.Code, w.Body, err)
	}
	s.engine.On("query", runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindQuery, Class: "ValueError", Text: "bad", Line: 70}))
	if w = c.do("POST", "/endpoints/m/query", `{"args": {}}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"line":70`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, body := range []string{`{}`, `{"args": 5}`, `{"args": null}`, `{"data": []}`, `[]`} {
		if w := c.do("POST", "/endpoints/m/query", body); w.Code != 400 || code(t, w) != "bad_request" {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := newFakeServer(t, true)
	c := s.client()
	for _, path := range []string{"/console", "/console/x", apiPath + "/session", apiPath + "/run", apiPath + "/openapi.json"} {
		h := c.send(c.request("GET", path, "")).Header()
		for name, value := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Access-Control-Allow-Origin":  "",
		} {
			if h.Get(name) != value {
				t.Errorf("GET %s: %s is %q, want %q", path, name, h.Get(name), value)
			}
		}
		if strings.HasPrefix(path, apiPath+"/s") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: Cache-Control %q", path, h.Get("Cache-Control"))
		}
	}
	if w := c.send(c.request(http.MethodPut, apiPath+"/session", "")); w.Code != 405 || w.Header().Get("Allow") != "DELETE, GET, POST" {
		t.Errorf("PUT: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// TestGoneClientHasNoOtherError checks that a request whose client is gone ends with the error of its
// context, so that it is not logged as a failure of the server.
func TestGoneClientHasNoOtherError(t *testing.T) {
	s := newFakeServer(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := s.client().request(http.MethodPost, RunRoute, "no JSON").WithContext(ctx)
	if _, err := s.Console.Serve(httptest.NewRecorder(), r, r.URL.EscapedPath(), &fakeExchange{server: s, r: r}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
