package harness

import (
	"context"
	"encoding/json"
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

// Tests with the real guest share one engine, and all packages and runs share one folder of compiled code: compiling takes longer than
// everything else. Each server under test has its own limits, given with every call.

// limited is a shared evaluator under a server's own limits. Closing the server leaves it alone.
type limited struct {
	engine runtime.Evaluator
	limits runtime.Limits
}

func (l limited) Evaluate(ctx context.Context, c runtime.Call) (runtime.Result, error) {
	c.Limits = l.limits
	return l.engine.Evaluate(ctx, c)
}

func (l limited) LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error) {
	return l.engine.LoadModel(ctx, m)
}

func (l limited) QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error) {
	c.Limits = l.limits
	return l.engine.QueryModel(ctx, m, c)
}

func (l limited) ForgetModel(digest string) { l.engine.ForgetModel(digest) }

func (l limited) Stats() runtime.Stats { return l.engine.Stats() }

func (l limited) TemplateStats() runtime.TemplateStats { return l.engine.TemplateStats() }

func (limited) Close() error { return nil }

// Server is a tabcell that was started like the program, in this process.
type Server struct {
	t       testing.TB
	URL     string
	Log     *testenv.Output
	Signals chan os.Signal
	Ended   chan int
}

// StartServer starts the server with a configuration; ${PORT} and ${STATE_PATH} in it are filled in. It ends with the test.
func StartServer(t testing.TB, config string) *Server {
	t.Helper()
	port := testenv.FreePort(t)
	config = strings.NewReplacer("${PORT}", strconv.Itoa(port), "${STATE_PATH}", t.TempDir()).Replace(config)
	s := StartConfigured(t, config, port, Router)
	t.Cleanup(s.Stop)
	return s
}

// StartConfigured starts the server with a configuration that names the port, over a shared evaluator; the caller stops it.
func StartConfigured(t testing.TB, config string, port int, shared func() (runtime.Evaluator, error)) *Server {
	t.Helper()
	s := NewServer(t, fmt.Sprintf("http://127.0.0.1:%d", port))
	s.Run(s.App(shared, s.Log, testenv.WriteConfig(t, config)), 3*time.Minute) // the guest may have to be compiled
	return s
}

func NewServer(t testing.TB, url string) *Server {
	return &Server{t: t, URL: url, Log: testenv.NewOutput(), Signals: make(chan os.Signal, 2), Ended: make(chan int, 1)}
}

// App is the server as one run of the program over a shared evaluator.
func (s *Server) App(shared func() (runtime.Evaluator, error), out io.Writer, config string, environ ...string) *cli.App {
	return &cli.App{
		Args: []string{"tabcell", "--config", config}, Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Environ: environ, Signals: s.Signals,
		Start: func(_ context.Context, set settings.Settings, _ func(runtime.Progress)) (runtime.Evaluator, error) {
			e, err := shared()
			return limited{e, server.EngineConfig(set, runtime.Guest{}, nil).Limits}, err
		},
	}
}

// Run starts the server and waits until it is ready.
func (s *Server) Run(f *cli.App, most time.Duration) {
	s.t.Helper()
	go func() { s.Ended <- f.Run() }()
	s.awaitReady(most)
}

func (s *Server) awaitReady(most time.Duration) {
	s.t.Helper()
	for deadline := time.Now().Add(most); ; time.Sleep(20 * time.Millisecond) {
		r, err := testenv.AnyCertificate.Get(s.URL + "/health/ready")
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case code := <-s.Ended:
			s.Ended <- code
			s.t.Fatalf("the server ended with %d:\n%s", code, s.Log)
		default:
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the server does not get ready:\n%s", s.Log)
		}
	}
}

func (s *Server) Stop() {
	s.Signals <- os.Interrupt
	select {
	case code := <-s.Ended:
		if code != 0 {
			s.t.Errorf("the server ended with %d:\n%s", code, s.Log)
		}
	case <-time.After(30 * time.Second):
		s.t.Errorf("the server does not end:\n%s", s.Log)
	}
	http.DefaultClient.CloseIdleConnections()
}

// Evaluate posts a script without arguments and returns status and body.
func (s *Server) Evaluate(script string) (int, string) {
	s.t.Helper()
	return s.Post(string(ScriptRequest(script, "{}")))
}

func (s *Server) Post(body string) (int, string) {
	s.t.Helper()
	r, err := http.Post(s.URL+"/evaluate", "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return 0, ""
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	return r.StatusCode, string(answer)
}

// ScriptRequest returns the body of an /evaluate request.
func ScriptRequest(script, data string) []byte {
	quoted, _ := json.Marshal(script) // cannot fail for a string
	return fmt.Appendf(nil, `{"data": %s, "script": %s}`, data, quoted)
}
