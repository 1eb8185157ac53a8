package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
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

func TestServe(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := startServer(t)
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
		if status, body := r.request(c.method, c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
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

// A stopping server finishes the requests in progress and refuses new connections.
func TestGracefulStop(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := startServer(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	r.engine.On("slow", func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		close(entered)
		<-leave
		return runtime.Result{Body: []byte("2")}, nil
	})
	response := make(chan string, 1)
	go func() {
		status, body := r.request("POST", "/evaluate", `{"script": "slow", "data": {}}`)
		response <- fmt.Sprint(status, body)
	}()
	<-entered
	r.signals <- os.Interrupt
	r.stderr.Find(t, "Shutting down TabPy")
	expectRefused(t, strings.TrimPrefix(r.url, "http://"))
	close(leave)
	if got := <-response; got != "200"+"2" {
		t.Errorf("response of the running script: %s", got)
	}
	r.wait(t, exitOK)
}

// expectRefused waits until connections to addr are refused.
func expectRefused(t *testing.T, addr string) {
	t.Helper()
	for limit := time.Now().Add(testenv.Scaled(30 * time.Second)); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Error("the server still accepts connections")
}

func TestSecondSignalStopsAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := startServer(t)
	entered := make(chan struct{})
	r.engine.On("forever", runtimetest.Blocks(entered))
	go r.request("POST", "/evaluate", `{"script": "forever", "data": {}}`)
	<-entered
	r.signals <- syscall.SIGTERM
	r.stderr.Find(t, "Shutting down TabPy")
	r.signals <- syscall.SIGTERM
	r.wait(t, exitInterrupted)
}

// Before the engine is ready, the server answers health checks and /info, and scripts wait.
func TestEarlyRequests(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ready := make(chan struct{})
	r := startServerWhen(t, ready)
	r.stderr.Find(t, "compiling the Python guest")
	for path, want := range map[string]int{"/health/live": 200, "/health/ready": 503, "/info": 200} {
		if status, body := r.request("GET", path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	response := make(chan string, 1)
	go func() {
		status, body := r.request("POST", "/evaluate", returnOne)
		response <- fmt.Sprint(status, body)
	}()
	select {
	case got := <-response:
		t.Errorf("response before the engine was ready: %s", got)
	case <-time.After(50 * time.Millisecond):
	}
	close(ready)
	if got := <-response; got != "200"+"1" {
		t.Errorf("response of the script that waited: %s", got)
	}
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
}

// A stopping server does not wait for the engine to start. Waiting requests get 503.
func TestStopWhileStarting(t *testing.T) {
	ready := make(chan struct{})
	defer close(ready)
	r := startServerWhen(t, ready)
	response := make(chan int, 1)
	sent := make(chan struct{})
	go func() {
		close(sent)
		status, _ := r.request("POST", "/evaluate", returnOne)
		response <- status
	}()
	<-sent
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
	if status := <-response; status != 503 && status != 0 { // 0: the connection was refused
		t.Errorf("status of the waiting request: %d", status)
	}
}

func TestEngineFailure(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	stderr := testenv.NewOutput()
	a := &App{
		Args: []string{"tabcell", "--port", "0"}, Stdout: io.Discard, Stderr: stderr, Signals: make(chan os.Signal),
		Start: func(context.Context, settings.Settings, func(runtime.Progress)) (runtime.Evaluator, error) {
			return nil, errors.New("no executable memory")
		},
	}
	if code := a.Run(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(stderr.String(), "the Python guest cannot be started: no executable memory") {
		t.Errorf("stderr:\n%s", stderr)
	}
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stderr bytes.Buffer
	a := &App{Args: []string{"tabcell", "--port", fmt.Sprint(taken.Addr().(*net.TCPAddr).Port)}, Stdout: io.Discard, Stderr: &stderr}
	if code := a.Run(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if out := stderr.String(); !strings.Contains(out, "cannot listen on "+taken.Addr().String()) || !strings.Contains(out, "another program uses the port") {
		t.Errorf("stderr:\n%s", out)
	}
}

func TestServeAppliesSettings(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := startServer(t, "TABPY_EVALUATE_TIMEOUT=5", "TABPY_MAX_REQUEST_SIZE_MB=1", "TABPY_STATE_PATH=testdata/state")
	r.engine.On("slow", runtimetest.Fails(runtime.ErrTimeout))
	if status, body := r.request("POST", "/sub/dir/evaluate", `{"script": "slow", "data": {}}`); status != 408 || !strings.Contains(body, "Timeout is set to 5.0 s.") {
		t.Errorf("timeout: %d %s", status, body)
	}
	if status, body := r.request("POST", "/sub/dir/evaluate", strings.Repeat(" ", 1<<20+1)); status != 413 {
		t.Errorf("size: %d %s", status, body)
	}
	if status, body := r.request("GET", "/sub/dir/info", ""); status != 200 || !strings.Contains(body, "My TabPy") {
		t.Errorf("info: %d %s", status, body)
	}
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
}
