package cli

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"

	"go.uber.org/goleak"
)

// startCompiling starts a server whose guest is estimated to need 41 seconds, until ready is
// closed.
func startCompiling(t *testing.T, terminal bool, ready <-chan struct{}) *testServer {
	t.Helper()
	r := &testServer{
		engine: &fakeEvaluator{FakeEngine: runtimetest.NewFakeEngine()}, stderr: testenv.NewOutput(),
		signals: make(chan os.Signal, 2), code: make(chan int, 1),
	}
	compiling := make(chan struct{})
	a := &App{
		Args: []string{"tabcell", "serve", "--port", "0"}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: r.stderr,
		Signals: r.signals, Reloads: r.reloads, Terminal: terminal,
		Start: func(_ context.Context, _ settings.Settings, progress func(runtime.Progress)) (runtime.Evaluator, error) {
			progress(runtime.Progress{Guest: "core", Step: "compile", Fraction: 0.4, Left: 41 * time.Second})
			close(compiling)
			<-ready
			progress(runtime.Progress{Guest: "core", Step: "boot", Done: true, Took: time.Second, Fraction: 0.99, Left: time.Second})
			return r.engine, nil
		},
	}
	go func() { r.code <- a.Run() }()
	r.url = "http://127.0.0.1:" + r.stderr.Find(t, `Web service listening on port (\d+)`)
	<-compiling
	return r
}

// While the first start compiles for longer than a request may wait, requests are refused at once,
// with the estimate. Tableau's test of the connection works.
func TestRequestsDuringCompilation(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ready := make(chan struct{})
	r := startCompiling(t, false, ready)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/evaluate", returnOne, 503, `{"message": "preparing the Python guest, about 4`},
		{"GET", "/health/ready", "", 503, `{"message": "not ready", "info": "preparing the Python guest, about 4`},
		{"GET", "/health/live", "", 200, ""},
		{"GET", "/info", "", 200, `"name": "TabPy Server"`},
		{"GET", "/status", "", 200, "{}"},
	} {
		if status, body := r.request(c.method, c.path, c.body); status != c.status || !strings.Contains(body, c.want) || strings.Contains(body, "busy") {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, status, body, c.status, c.want)
		}
	}
	response, err := http.Post(r.url+"/evaluate", "application/json", strings.NewReader(returnOne))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if after := response.Header.Get("Retry-After"); after < "20" || after > "41" || len(after) != 2 {
		t.Errorf("Retry-After %q", after)
	}
	close(ready)
	r.stderr.Find(t, `(ready: scripts can run)`)
	if status, body := r.request("POST", "/evaluate", returnOne); status != 200 {
		t.Errorf("after the start: %d %s", status, body)
	}
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
}

// On a terminal, one line shows the progress below the log, and disappears.
func TestProgressOnTerminal(t *testing.T) {
	ready := make(chan struct{})
	r := startCompiling(t, true, ready)
	const line = `preparing the Python guest "core": 40 %, about 41 s left`
	r.stderr.Find(t, "("+line+")")
	close(ready)
	r.stderr.Find(t, `(\r {50,}\r[^\n]*the Python guest "core" was booted)`)
	r.stderr.Find(t, `(ready: scripts can run)`)
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
	if out := r.stderr.String(); strings.Contains(out, line+"\n") || !strings.HasSuffix(out, "\n") {
		t.Errorf("the progress is part of the log:\n%q", out)
	}
}
