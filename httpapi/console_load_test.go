package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/httpapi/console/load"
	"tabcell/runtime"
)

// consoleLoad is the part of GET /load that the tests look at.
type consoleLoad struct {
	Now struct {
		BudgetMax   int64  `json:"budget_max"`
		Memory      uint64 `json:"memory_bytes"`
		Concurrency int
	}
	History struct {
		Step   int `json:"step_s"`
		Series map[string][]*float64
	}
	Scripts []struct {
		Digest    string
		FirstLine string `json:"first_line"`
		Calls     uint64
		Errors    uint64
		Time      float64 `json:"time_ms"`
	}
	Accounts []struct {
		Account  string
		Requests uint64
		Errors   uint64
	}
}

func (c *consoleClient) load() (l consoleLoad) {
	c.t.Helper()
	c.decode(c.get("/load"), &l)
	return l
}

// timed returns a behavior that took some time in a cell.
func timed(err error) func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
	return func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{Body: []byte("1"), Timing: runtime.Timing{Queue: time.Millisecond, Cell: 2 * time.Millisecond, Run: 30 * time.Millisecond}}, err
	}
}

func TestConsoleLoad(t *testing.T) {
	for _, logScripts := range []bool{false, true} {
		s := newConsoleEndpointServer(t, permissionAuthenticator{}, func(c *Config) {
			c.LogScript, c.Concurrency, c.ResidentMemory = logScripts, 3, func() uint64 { return 77 }
		})
		s.engine.On("secret = 1\nreturn 1", timed(nil))
		s.engine.On("return 2", timed(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError"}))
		for range 3 {
			s.script(`secret = 1\nreturn 1`, asUser("e1")...).wantStatus(t, 200)
		}
		s.script("return 2", asUser("e2")...).wantStatus(t, 500)
		s.script("return 2").wantStatus(t, 401)

		all := s.consoleUser("a").load()
		if all.Now.BudgetMax <= 0 || all.Now.Memory != 77 || all.Now.Concurrency != 3 || all.History.Step != 5 || len(all.History.Series) != len(seriesNames) {
			t.Errorf("%+v", all)
		}
		if got := fmt.Sprint(all.Accounts); got != "[{e1 3 0} {e2 1 1}]" {
			t.Errorf("accounts: %s", got)
		}
		if len(all.Scripts) != 2 || all.Scripts[0].Digest != scriptSum([]byte(`{"script": "secret = 1\nreturn 1"}`))[:12] || all.Scripts[0].Calls != 3 || all.Scripts[0].Time != 96 {
			t.Errorf("scripts: %+v", all.Scripts)
		}
		if line := all.Scripts[0].FirstLine; (line == "secret = 1") != logScripts || !logScripts && line != "" {
			t.Errorf("with TABCELL_LOG_SCRIPTS %v, the first line is %q", logScripts, line)
		}
		own := s.consoleUser("e2").load()
		if own.Accounts != nil || len(own.Scripts) != 1 || own.Scripts[0].Calls != 1 || own.Scripts[0].Errors != 1 {
			t.Errorf("an account without the role admin sees %+v and %+v", own.Accounts, own.Scripts)
		}
	}
}

var seriesNames = strings.Fields("running queued cells requests errors refused timeouts memory_bytes budget_used busy queue_ms cell_ms run_ms copy_ms p50_ms p99_ms")

func TestConsoleHistory(t *testing.T) {
	s := newConsoleEndpointServer(t, nil, nil)
	s.engine.On("return 1", timed(nil))
	s.api.load.Sample()
	s.script("return 1").wantStatus(t, 200)
	s.api.load.Sample()
	series := s.consoleUser("").load().History.Series
	requests, run := 0.0, 0.0
	for i, n := range series["requests"] { // two samples, which may be in one step
		requests += *n
		if v := series["run_ms"][i]; v != nil {
			run += *v
		}
	}
	if requests != 1 || run != 30 {
		t.Errorf("%v requests that ran for %v ms: %v", requests, run, series["run_ms"])
	}
	for _, name := range seriesNames {
		if len(series[name]) == 0 || len(series[name]) != len(series["running"]) {
			t.Errorf("the series %s has %d values", name, len(series[name]))
		}
	}
}

// events is a stream that a test reads.
type events struct {
	t      *testing.T
	lines  *bufio.Scanner
	status int
	close  func()
}

// openEvents opens a stream of the load.
func (c *consoleClient) openEvents(t *testing.T) *events {
	t.Helper()
	r, err := http.NewRequest("GET", c.url()+c.prefix+"/console/api/v1/load/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	ctx, cancel := context.WithCancel(t.Context())
	response, err := c.client.Do(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	e := &events{t: t, status: response.StatusCode, lines: bufio.NewScanner(response.Body)}
	e.close = sync.OnceFunc(func() { cancel(); response.Body.Close() })
	t.Cleanup(e.close)
	if contentType := response.Header.Get("Content-Type"); (e.status == 200) != (contentType == "text/event-stream") {
		t.Errorf("status %d with the type %s", e.status, contentType)
	}
	return e
}

// next returns the name and the data of the next event, or "" at the end.
func (e *events) next() (name, data string) {
	for e.lines.Scan() {
		switch line := e.lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data = line[len("data: "):]
		case line == "" && name != "":
			return name, data
		}
	}
	return "", ""
}

// run starts the collection of the figures, and returns a function that stops it.
func (s *endpointServer) run(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.api.RunConsole(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func TestConsoleEvents(t *testing.T) {
	s := newConsoleEndpointServer(t, nil, nil)
	stop := s.run(t)
	e := s.consoleUser("").openEvents(t)
	for range 2 {
		name, data := e.next()
		var now map[string]any
		if err := json.Unmarshal([]byte(data), &now); name != "load" || err != nil || now["budget_max"] == 0 || now["time"] == nil {
			t.Fatalf("event %q: %s", name, data)
		}
	}
	stop()
	for {
		name, data := e.next()
		if name == "load" {
			continue
		}
		if name != "end" || data != `{"reason":"stopping"}` {
			t.Errorf("the stream ends with %q %s", name, data)
		}
		return
	}
}

// A stream ends with its session, which it does not prolong.
func TestConsoleEventsEndWithTheSession(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	s.run(t)
	c := s.consoleUser("q")
	e := c.openEvents(t)
	if name, _ := e.next(); name != "load" {
		t.Fatalf("the first event is %q", name)
	}
	c.send("DELETE", "/session", "").wantStatus(t, 204)
	for {
		name, data := e.next()
		if name == "load" {
			continue
		}
		if name != "end" || data != `{"reason":"session"}` {
			t.Errorf("the stream ends with %q %s", name, data)
		}
		return
	}
}

// An account gets a limited number of streams. One that is closed makes room.
func TestConsoleEventsAreBounded(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	s.run(t)
	c := s.consoleUser("q")
	var open []*events
	for range load.MaxStreamsPerOwner {
		e := c.openEvents(t)
		if name, _ := e.next(); name != "load" {
			t.Fatalf("stream %d begins with %q", len(open)+1, name)
		}
		open = append(open, e)
	}
	r := c.get("/load/events")
	r.wantError(t, 503, "busy", fmt.Sprintf("at most %d for one account", load.MaxStreamsPerOwner))
	r.wantHeader(t, "Retry-After", "60")
	if e := s.consoleUser("e").openEvents(t); e.status != 200 {
		t.Errorf("another account gets status %d", e.status)
	}
	open[0].close()
	waitFor(t, "room for a stream", func() bool {
		e := c.openEvents(t)
		defer e.close()
		return e.status == 200
	})
}
