//go:build console && linux

package console

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// password is the password of all accounts.
const password = "P@ssw0rd-of-all"

// accounts has the roles of the accounts, in the form of the roles file.
const accounts = `account ann evaluate,query
account dora evaluate,query,deploy
account ada evaluate,query,deploy,metrics,admin
account guest query
account leaver evaluate
account changer evaluate
`

// program is a server in a separate process, which can be stopped and started again.
type program struct {
	t    *testing.T
	url  string
	args []string // of serve
	env  []string
	log  *testenv.Output
	cmd  *exec.Cmd
	ends chan error
}

// startProgram starts a server and waits until it is ready. The server ends with the test.
func startProgram(t *testing.T, variables ...string) *program {
	t.Helper()
	p := newProgram(t, variables...)
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// newProgram returns a server with folders of its own, which is not started yet.
func newProgram(t *testing.T, variables ...string) *program {
	t.Helper()
	port := testenv.FreePort(t)
	dir := t.TempDir()
	env := append(os.Environ(), "TABCELL_CACHE_DIR="+testenv.CacheDir(), "TABCELL_HOST=127.0.0.1", "TABCELL_GUEST=core", "TABCELL_PORT="+strconv.Itoa(port),
		"TABCELL_MODELS_PATH="+filepath.Join(dir, "models"), "TABCELL_AUDIT="+filepath.Join(dir, "audit.jsonl"))
	p := &program{t: t, url: fmt.Sprintf("http://127.0.0.1:%d", port), env: append(env, variables...), log: testenv.NewOutput()}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the log of the server, from its beginning: %.8000s", p.log)
		}
	})
	return p
}

// withAccounts returns the variables of a server with accounts.
func withAccounts(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	passwords, roles := filepath.Join(dir, "passwords"), filepath.Join(dir, "roles")
	for line := range strings.Lines(accounts) {
		name := strings.Fields(line)[1]
		add := exec.Command("tabcell", "user", "add", name, "-f", passwords)
		add.Stdin = strings.NewReader(password + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	testenv.WriteFile(t, roles, accounts)
	return []string{"TABPY_PWD_FILE=" + passwords, "TABCELL_ROLES_FILE=" + roles}
}

// start starts the process and waits until it is ready.
func (p *program) start() error {
	cmd, ends := exec.Command("tabcell", append([]string{"serve"}, p.args...)...), make(chan error, 1)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { ends <- cmd.Wait() }()
	p.cmd, p.ends = cmd, ends
	limit := testenv.Scaled(2 * time.Minute)
	for deadline := time.Now().Add(limit); !p.ready(); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-ends:
			p.cmd = nil
			return fmt.Errorf("the server ended with %v before it was ready", err)
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server was not ready within %v", limit)
		}
	}
	return nil
}

func (p *program) ready() bool {
	r, err := testenv.AnyCertificate.Get(p.url + "/health/ready")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// stop ends the process. It does nothing if the process does not run.
func (p *program) stop() error {
	if p.cmd == nil {
		return nil
	}
	cmd := p.cmd
	p.cmd = nil
	_ = cmd.Process.Signal(syscall.SIGTERM)
	limit := testenv.Scaled(time.Minute)
	select {
	case err := <-p.ends:
		return err
	case <-time.After(limit):
		_ = cmd.Process.Kill()
		return fmt.Errorf("the server did not end within %v", limit)
	}
}
