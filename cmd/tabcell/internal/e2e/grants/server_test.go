package grants

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// serverConfig grants a folder and the web servers of the attacks to everyone.
const serverConfig = `[TabPy]
TABPY_PORT = %d
TABPY_EVALUATE_TIMEOUT = 120
TABPY_STATE_PATH = %[2]s/state
TABCELL_MODELS_PATH = %[2]s/models
TABCELL_CONFINE = %[3]s
TABCELL_METRICS = on

[Grant files]
read = %[2]s/data=/models
accounts = *
allow_anonymous = yes

[Grant web]
connect = %[4]s
ca = %[2]s/ca.pem
accounts = *
allow_anonymous = yes
env = API_KEY=s3cret-%[1]d
`

// program is the program in a process of its own.
type program struct {
	t       *testing.T
	url     string
	port    int
	output  *testenv.Output
	process *exec.Cmd
	ended   chan error // receives the result of the process
}

// startProgram starts the program with grants of the victims and of a folder with a file a.txt.
func startProgram(t *testing.T, v victims, confine string) *program {
	t.Helper()
	harness.Full(t) // compiled once for all tests, as is the core guest
	dir, port := t.TempDir(), testenv.FreePort(t)
	for _, folder := range []string{"data", "models", "state"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	testenv.WriteFile(t, filepath.Join(dir, "data/a.txt"), "alpha")
	testenv.WriteFile(t, filepath.Join(dir, "ca.pem"), v.authority.CertPEM())
	config := testenv.WriteConfig(t, fmt.Sprintf(serverConfig, port, dir, confine, strings.Join(v.targets(), ", ")))
	p := &program{t: t, url: fmt.Sprintf("http://127.0.0.1:%d", port), port: port, output: testenv.NewOutput(), ended: make(chan error, 1)}
	p.run(config)
	return p
}

func (p *program) run(config string) {
	p.t.Helper()
	path, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	p.process = &exec.Cmd{
		Path: path, Args: []string{"tabcell", "--config", config}, Stdout: p.output, Stderr: p.output,
		Env: append(os.Environ(), "TABCELL_CACHE_DIR="+testenv.CacheDir()),
	}
	if err := p.process.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { p.ended <- p.process.Wait() }()
	p.t.Cleanup(p.stop)
	p.awaitReady()
}

func (p *program) awaitReady() {
	p.t.Helper()
	timeout := time.After(testenv.Scaled(time.Minute))
	for !p.ready() {
		select {
		case err := <-p.ended:
			p.ended <- nil // for stop
			p.t.Fatalf("the server has ended with %v:\n%s", err, p.output)
		case <-timeout:
			p.t.Fatalf("the server is not ready:\n%s", p.output)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p *program) stop() {
	_ = p.process.Process.Signal(syscall.SIGTERM)
	if err := <-p.ended; err != nil {
		p.t.Errorf("%v\n%s", err, p.output)
	}
	http.DefaultClient.CloseIdleConnections()
}

func (p *program) ready() bool {
	r, err := http.Get(p.url + "/health/ready")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// evaluate posts a script. It returns the result as JSON, or the text of the error.
func (p *program) evaluate(script string) string {
	p.t.Helper()
	r, err := http.Post(p.url+"/evaluate", "application/json", strings.NewReader(string(harness.ScriptRequest(script, "{}"))))
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	var body json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		p.t.Fatal(err)
	}
	var failure struct{ Info string }
	if r.StatusCode != http.StatusOK && json.Unmarshal(body, &failure) == nil {
		return failure.Info
	}
	return string(body)
}

// expect does the same as the function expect, with the program.
func (p *program) expect(t *testing.T, script, want string) {
	t.Helper()
	compare(t, script, p.evaluate(script), want)
}
