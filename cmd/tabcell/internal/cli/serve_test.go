package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"

	"go.uber.org/goleak"
)

// standIn is an engine that can be closed, once.
type standIn struct {
	*runtimetest.FakeEngine
	models *runtimetest.FakeModels // nil: no model can be loaded
	closed int
}

func (s *standIn) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	if s.models == nil {
		return runtime.ModelInfo{}, runtime.ErrNoModels
	}
	return s.models.LoadModel(ctx, m)
}

func (s *standIn) QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error) {
	return s.models.QueryModel(ctx, m, c)
}

func (s *standIn) ForgetModel(digest string) { s.models.ForgetModel(digest) }

func (s *standIn) Stats() runtime.Stats { return runtime.Stats{Running: int(s.Running())} }

func (s *standIn) TemplateStats() runtime.TemplateStats { return runtime.TemplateStats{} }

func (s *standIn) Close() error { s.closed++; return nil }

// running is a server in this process over a stand-in.
type running struct {
	engine  *standIn
	stderr  *testenv.Output
	signals chan os.Signal
	code    chan int
	url     string
}

// launch starts a server; the engine is there when gate is closed.
func launch(t *testing.T, gate chan struct{}, environ ...string) *running {
	t.Helper()
	r := &running{
		engine: &standIn{FakeEngine: runtimetest.NewFakeEngine(), models: runtimetest.NewFakeModels()}, stderr: testenv.NewOutput(),
		signals: make(chan os.Signal, 2), code: make(chan int, 1),
	}
	f := &App{
		Args: []string{"tabcell", "serve", "--port", "0"}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: r.stderr,
		Environ: environ, Signals: r.signals,
		Start: func(ctx context.Context, _ settings.Settings, progress func(runtime.Progress)) (runtime.Evaluator, error) {
			progress(runtime.Progress{Step: "compile"})
			<-gate
			progress(runtime.Progress{Step: "compile", Done: true, Took: time.Second})
			return r.engine, nil
		},
	}
	go func() { r.code <- f.Run() }()
	r.url = "http://127.0.0.1:" + r.stderr.Find(t, `Web service listening on port (\d+)`)
	return r
}

func opened() chan struct{} {
	gate := make(chan struct{})
	close(gate)
	return gate
}

func (r *running) wait(t *testing.T, want int) {
	t.Helper()
	select {
	case code := <-r.code:
		if code != want {
			t.Errorf("exit code %d, want %d\n%s", code, want, r.stderr)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("it does not stop\n%s", r.stderr)
	}
	http.DefaultClient.CloseIdleConnections()
}

// ask returns the status and the body, or the error as text.
func (r *running) ask(method, path, body string) (int, string) {
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

const returnOne = `{"script": "return 1", "data": {}}`

func TestServe(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := launch(t, opened())
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/evaluate", returnOne, 200, "1"},
		{"GET", "/health/ready", "", 200, ""},
		{"GET", "/info", "", 200, `"name": "TabPy Server"`},
		{"GET", "/nothing", "", 404, ""},
	} {
		if status, body := r.ask(c.method, c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
	r.stderr.Find(t, `Exiting on signal 15\.\.\.`)
	if r.engine.closed != 1 {
		t.Errorf("the engine was closed %d times", r.engine.closed)
	}
}

// What runs when the signal comes is finished; new connections are refused meanwhile.
func TestGracefulStop(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := launch(t, opened())
	entered, leave := make(chan struct{}), make(chan struct{})
	r.engine.On("slow", func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		close(entered)
		<-leave
		return runtime.Result{Body: []byte("2")}, nil
	})
	answer := make(chan string, 1)
	go func() {
		status, body := r.ask("POST", "/evaluate", `{"script": "slow", "data": {}}`)
		answer <- fmt.Sprint(status, body)
	}()
	<-entered
	r.signals <- os.Interrupt
	r.stderr.Find(t, "Shutting down TabPy")
	refuses(t, strings.TrimPrefix(r.url, "http://"))
	close(leave)
	if got := <-answer; got != "200"+"2" {
		t.Errorf("the running script answered %s", got)
	}
	r.wait(t, exitOK)
}

func refuses(t *testing.T, addr string) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Error("it still accepts connections")
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := launch(t, opened())
	entered := make(chan struct{})
	r.engine.On("forever", runtimetest.Blocks(entered))
	go r.ask("POST", "/evaluate", `{"script": "forever", "data": {}}`)
	<-entered
	r.signals <- syscall.SIGTERM
	r.stderr.Find(t, "Shutting down TabPy")
	r.signals <- syscall.SIGTERM
	r.wait(t, exitInterrupted)
}

// Health checks and /info are answered before the engine is there; scripts wait for it.
func TestEarlyRequests(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	gate := make(chan struct{})
	r := launch(t, gate)
	r.stderr.Find(t, "compiling the Python guest")
	for path, want := range map[string]int{"/health/live": 200, "/health/ready": 503, "/info": 200} {
		if status, body := r.ask("GET", path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	answer := make(chan string, 1)
	go func() {
		status, body := r.ask("POST", "/evaluate", returnOne)
		answer <- fmt.Sprint(status, body)
	}()
	select {
	case got := <-answer:
		t.Errorf("answered before there was an engine: %s", got)
	case <-time.After(50 * time.Millisecond):
	}
	close(gate)
	if got := <-answer; got != "200"+"1" {
		t.Errorf("got %s", got)
	}
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
}

// A stop does not wait for a start, and requests that waited for it are told.
func TestStopWhileStarting(t *testing.T) {
	gate := make(chan struct{})
	defer close(gate)
	r := launch(t, gate)
	answer := make(chan int, 1)
	sent := make(chan struct{})
	go func() {
		close(sent)
		status, _ := r.ask("POST", "/evaluate", returnOne)
		answer <- status
	}()
	<-sent
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
	if status := <-answer; status != 503 && status != 0 { // 0: the connection came too late
		t.Errorf("the waiting request was answered %d", status)
	}
}

func TestEngineFailure(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	stderr := testenv.NewOutput()
	f := &App{
		Args: []string{"tabcell", "--port", "0"}, Stdout: io.Discard, Stderr: stderr, Signals: make(chan os.Signal),
		Start: func(context.Context, settings.Settings, func(runtime.Progress)) (runtime.Evaluator, error) {
			return nil, errors.New("no executable memory")
		},
	}
	if code := f.Run(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(stderr.String(), "the Python guest cannot be started: no executable memory") {
		t.Errorf("said\n%s", stderr)
	}
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stderr bytes.Buffer
	f := &App{Args: []string{"tabcell", "--port", fmt.Sprint(taken.Addr().(*net.TCPAddr).Port)}, Stdout: io.Discard, Stderr: &stderr}
	if code := f.Run(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if said := stderr.String(); !strings.Contains(said, "cannot listen on "+taken.Addr().String()) || !strings.Contains(said, "another program uses the port") {
		t.Errorf("said\n%s", said)
	}
}

func TestSettingsReachTheWire(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := launch(t, opened(), "TABPY_EVALUATE_TIMEOUT=5", "TABPY_MAX_REQUEST_SIZE_MB=1", "TABPY_STATE_PATH=testdata/state")
	r.engine.On("slow", runtimetest.Fails(runtime.ErrTimeout))
	if status, body := r.ask("POST", "/sub/dir/evaluate", `{"script": "slow", "data": {}}`); status != 408 || !strings.Contains(body, "Timeout is set to 5.0 s.") {
		t.Errorf("timeout: %d %s", status, body)
	}
	if status, body := r.ask("POST", "/sub/dir/evaluate", strings.Repeat(" ", 1<<20+1)); status != 413 {
		t.Errorf("size: %d %s", status, body)
	}
	if status, body := r.ask("GET", "/sub/dir/info", ""); status != 200 || !strings.Contains(body, "My TabPy") {
		t.Errorf("info: %d %s", status, body)
	}
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
}
