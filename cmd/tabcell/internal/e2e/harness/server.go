package harness

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/settings"
)

// Server is a tabcell server that runs in the process of the test, started like the program.
type Server struct {
	t       testing.TB
	URL     string
	Log     *testenv.Output
	Signals chan os.Signal
	Ended   chan int // receives the exit code
}

// StartServer starts a server with a configuration over the evaluator of Router, and stops it at
// the end of the test. See Configuration for the placeholders in config.
func StartServer(t testing.TB, config string) *Server {
	t.Helper()
	config, port := Configuration(t, config)
	s := StartConfigured(t, config, port, Router)
	t.Cleanup(s.Stop)
	return s
}

// Configuration returns config with a free port in place of ${PORT} and a temporary folder in place
// of ${STATE_PATH}.
func Configuration(t testing.TB, config string) (filled string, port int) {
	t.Helper()
	port = testenv.FreePort(t)
	r := strings.NewReplacer("${PORT}", strconv.Itoa(port), "${STATE_PATH}", t.TempDir())
	return r.Replace(config), port
}

// StartConfigured starts a server over a shared evaluator. config must name the port. The caller
// must stop the server.
func StartConfigured(t testing.TB, config string, port int, shared func() (runtime.Evaluator, error)) *Server {
	t.Helper()
	s := NewServer(t, fmt.Sprintf("http://127.0.0.1:%d", port))
	s.Run(s.App(shared, s.Log, testenv.WriteConfig(t, config)))
	return s
}

// NewServer returns a server that is to be run at a URL.
func NewServer(t testing.TB, url string) *Server {
	return &Server{
		t: t, URL: url, Log: testenv.NewOutput(), Signals: make(chan os.Signal, 2), Ended: make(chan int, 1),
	}
}

// App returns the server as one run of the program over a shared evaluator. It starts the shared
// evaluator first, so that no test's time limit has to allow for compiling a guest.
func (s *Server) App(shared func() (runtime.Evaluator, error), out io.Writer, config string, environ ...string) *cli.App {
	s.t.Helper()
	evaluator, err := shared()
	if err != nil {
		s.t.Fatal(err)
	}
	return &cli.App{
		Args: []string{"tabcell", "--config", config}, Stdin: strings.NewReader(""), Stdout: out, Stderr: out,
		Environ: environ, Signals: s.Signals,
		Start: func(_ context.Context, set settings.Settings, _ func(runtime.Progress)) (runtime.Evaluator, error) {
			return limitedEvaluator{evaluator, server.EngineConfig(set, runtime.Guest{}, nil).Limits}, nil
		},
	}
}

// Run starts the server and waits until it is ready.
func (s *Server) Run(app *cli.App) {
	s.t.Helper()
	go func() { s.Ended <- app.Run() }()
	s.awaitReady()
}

func (s *Server) awaitReady() {
	s.t.Helper()
	limit := testenv.Scaled(20 * time.Second)
	for deadline := time.Now().Add(limit); !s.ready(); time.Sleep(20 * time.Millisecond) {
		select {
		case code := <-s.Ended:
			s.Ended <- code
			s.t.Fatalf("the server exited with code %d before it was ready:\n%s", code, s.Log)
		default:
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the server is not ready after %v:\n%s", limit, s.Log)
		}
	}
}

func (s *Server) ready() bool {
	r, err := testenv.AnyCertificate.Get(s.URL + "/health/ready")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// Stop interrupts the server and waits until it has exited. The test fails if the exit code is not
// 0.
func (s *Server) Stop() {
	s.Signals <- os.Interrupt
	limit := testenv.Scaled(30 * time.Second)
	select {
	case code := <-s.Ended:
		if code != 0 {
			s.t.Errorf("the server exited with code %d:\n%s", code, s.Log)
		}
	case <-time.After(limit):
		s.t.Errorf("the server has not exited %v after an interrupt:\n%s", limit, s.Log)
	}
	http.DefaultClient.CloseIdleConnections()
}
