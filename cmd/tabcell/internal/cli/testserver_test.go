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
)

const returnOne = `{"script": "return 1", "data": {}}`

// fakeEvaluator is a fake engine that counts the calls of Close.
type fakeEvaluator struct {
	*runtimetest.FakeEngine
	models *runtimetest.FakeModels // if nil, LoadModel returns ErrNoModels
	closed int
}

func (s *fakeEvaluator) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	if s.models == nil {
		return runtime.ModelInfo{}, runtime.ErrNoModels
	}
	return s.models.LoadModel(ctx, m)
}

func (s *fakeEvaluator) QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error) {
	return s.models.QueryModel(ctx, m, c)
}

func (s *fakeEvaluator) ForgetModel(digest string) { s.models.ForgetModel(digest) }

func (s *fakeEvaluator) Stats() runtime.Stats { return runtime.Stats{Running: int(s.Running())} }

func (s *fakeEvaluator) TemplateStats() runtime.TemplateStats { return runtime.TemplateStats{} }

func (s *fakeEvaluator) Close() error { s.closed++; return nil }

// testServer is a server in this process with a fake engine.
type testServer struct {
	engine  *fakeEvaluator
	stderr  *testenv.Output
	signals chan os.Signal
	reloads chan os.Signal // each stands for SIGHUP
	code    chan int
	url     string
}

// startServer starts a server whose engine is ready at once.
func startServer(t *testing.T, environ ...string) *testServer {
	t.Helper()
	ready := make(chan struct{})
	close(ready)
	return startServerWhen(t, ready, environ...)
}

// startServerWhen starts a server whose engine is ready when the channel is closed.
func startServerWhen(t *testing.T, ready <-chan struct{}, environ ...string) *testServer {
	t.Helper()
	return runTestServer(t, ready, io.Discard, environ)
}

// startServerTo starts a server whose engine is ready at once, with the given standard output.
func startServerTo(t *testing.T, stdout io.Writer, environ ...string) *testServer {
	t.Helper()
	ready := make(chan struct{})
	close(ready)
	return runTestServer(t, ready, stdout, environ)
}

// runTestServer starts a server. args are further arguments of serve.
func runTestServer(t *testing.T, ready <-chan struct{}, stdout io.Writer, environ []string, args ...string) *testServer {
	t.Helper()
	r := &testServer{
		engine: &fakeEvaluator{FakeEngine: runtimetest.NewFakeEngine(), models: runtimetest.NewFakeModels()}, stderr: testenv.NewOutput(),
		signals: make(chan os.Signal, 2), reloads: make(chan os.Signal, 1), code: make(chan int, 1),
	}
	a := &App{
		Args: append([]string{"tabcell", "serve", "--port", "0"}, args...), Stdin: strings.NewReader(""), Stdout: stdout, Stderr: r.stderr,
		Environ: environ, Signals: r.signals, Reloads: r.reloads,
		Start: func(ctx context.Context, _ settings.Settings, progress func(runtime.Progress)) (runtime.Evaluator, error) {
			progress(runtime.Progress{Step: "compile"})
			<-ready
			progress(runtime.Progress{Step: "compile", Done: true, Took: time.Second})
			return r.engine, nil
		},
	}
	go func() { r.code <- a.Run() }()
	r.url = "http://127.0.0.1:" + r.stderr.Find(t, `Web service listening on port (\d+)`)
	return r
}

// reload makes the server reload, and waits until the log has reported that for the n-th time.
func (r *testServer) reload(t *testing.T, n int) {
	t.Helper()
	r.reloads <- os.Interrupt
	r.stderr.Find(t, `(?s)(`+strings.Repeat(`the configuration and its files were reloaded.*`, n)+`)`)
}

// wait waits until the server has stopped, and checks its exit code.
func (r *testServer) wait(t *testing.T, want int) {
	t.Helper()
	select {
	case code := <-r.code:
		if code != want {
			t.Errorf("exit code %d, want %d\n%s", code, want, r.stderr)
		}
	case <-time.After(testenv.Scaled(30 * time.Second)):
		t.Fatalf("the server does not stop\n%s", r.stderr)
	}
	http.DefaultClient.CloseIdleConnections()
}

// request sends a request and returns the status and the body, or 0 and the text of the error.
func (r *testServer) request(method, path, body string) (int, string) {
	request, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}
