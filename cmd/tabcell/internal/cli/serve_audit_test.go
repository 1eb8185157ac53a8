package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// as sends a request with a user name and password, and returns the status and the body.
func (r *testServer) as(t *testing.T, name, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(name, "right password")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text := make([]byte, 1<<16)
	n, _ := response.Body.Read(text)
	return response.StatusCode, string(text[:n])
}

// wantVerified runs tabcell audit verify and checks its exit code and a part of its output.
func wantVerified(t *testing.T, code int, output string, args ...string) {
	t.Helper()
	got, stdout, stderr := runProgram("", append([]string{"tabcell", "audit", "verify"}, args...)...)
	if got != code || !strings.Contains(stdout+stderr, output) {
		t.Errorf("verify %v: exit code %d, want %d, and %q:\n%s%s", args, got, code, output, stdout, stderr)
	}
}

// TestServeWithRolesAndAudit runs a server with accounts of different roles and an audit trail,
// over a restart, and verifies the trail.
func TestServeWithRolesAndAudit(t *testing.T) {
	dir := t.TempDir()
	passwords, roles, trail := filepath.Join(dir, "pwd.txt"), filepath.Join(dir, "roles.txt"), filepath.Join(dir, "audit.jsonl")
	for _, name := range []string{"ann", "dep", "ops"} {
		if code, _, stderr := runProgram("right password\n", "tabcell", "user", "add", name, "--scheme", "pbkdf2", "-f", passwords); code != exitOK {
			t.Fatal(stderr)
		}
	}
	if err := os.WriteFile(roles, []byte("account dep deploy\naccount ops admin,metrics\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"TABPY_PWD_FILE=" + passwords, "TABCELL_ROLES_FILE=" + roles, "TABCELL_DEFAULT_ROLES=evaluate", "TABCELL_AUDIT=" + trail,
		"TABCELL_HOST=127.0.0.1", "TABCELL_METRICS=1", "TABPY_STATE_PATH=" + dir}
	r := startServer(t, environ...)
	for _, c := range []struct {
		name, request, body string
		status              int
		want                string
	}{
		{"ann", "POST /evaluate", returnOne, 200, "1"},
		{"ann", "PUT /endpoints/m/source", "answer 7", 403, `requires the role \"deploy\"`},
		{"ann", "GET /metrics", "", 403, `requires the role \"metrics\"`},
		{"dep", "PUT /endpoints/m/source", "answer 7", 201, `"name": "m"`},
		{"dep", "POST /evaluate", returnOne, 403, `requires the role \"evaluate\"`},
		{"ops", "GET /metrics", "", 200, ""},
		{"ops", "GET /status/server", "", 200, `"failing": ""`},
		{"ops", "DELETE /endpoints/m", "", 403, `requires the role \"deploy\"`},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		if status, body := r.as(t, c.name, method, path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s as %s: %d %s, want %d with %q", c.request, c.name, status, body, c.status, c.want)
		}
	}
	wantVerified(t, exitOK, "ok: the trail is intact", "--complete", trail) // while the server runs
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
	r = startServer(t, environ...)
	r.stderr.Find(t, `ready: (scripts) can run`)
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
	wantVerified(t, exitOK, "ok: the trail is intact", "--complete", trail, trail+".head")
	wantTrail(t, trail)
}

// wantTrail checks the events of the trail, and that a changed line is found.
func wantTrail(t *testing.T, trail string) {
	t.Helper()
	raw, err := os.ReadFile(trail)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for part, want := range map[string]int{`"event":"start"`: 2, `"event":"stop"`: 2, `"event":"sign-in","outcome":"ok"`: 3, `"event":"access","outcome":"refused"`: 4,
		`"event":"deploy","outcome":"ok","account":"Basic dep","address":"127.0.0.1"`: 1, "right password": 0, "answer 7": 0, "return 1": 0} {
		if got := strings.Count(text, part); got != want {
			t.Errorf("%d lines with %s, want %d:\n%s", got, part, want, text)
		}
	}
	if err := os.WriteFile(trail, []byte(strings.Replace(text, "Basic dep", "Basic ann", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	wantVerified(t, exitFailed, "the line was changed: its content does not match its hash", trail)
	wantVerified(t, exitFailed, `"reason": "the line was changed`, "--json", trail)
}

// TestAuditVerifyUsage checks verify without a file.
func TestAuditVerifyUsage(t *testing.T) {
	wantVerified(t, exitUsage, "no file is given, and TABCELL_AUDIT is not set")
	wantVerified(t, exitFailed, "no such file", "none.jsonl")
	config := filepath.Join(t.TempDir(), "t.conf")
	if err := os.WriteFile(config, []byte("[TabPy]\nTABCELL_AUDIT = stdout\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantVerified(t, exitUsage, "TABCELL_AUDIT is stdout; name the files", "--config", config)
}

// TestServeAuditOnStdout verifies the lines that a server writes to standard output.
func TestServeAuditOnStdout(t *testing.T) {
	out := testenv.NewOutput()
	r := startServerTo(t, out, "TABCELL_AUDIT=stdout")
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
	lines := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(lines, []byte("another line\n"+out.String()+out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	wantVerified(t, exitOK, "ok: the trail is intact", "--stream", lines)
	wantVerified(t, exitFailed, "a new chain begins here", lines)
}

// TestAuditCannotOpen checks that a server does not start without the audit trail that it should
// have.
func TestAuditCannotOpen(t *testing.T) {
	var out strings.Builder
	a := &App{Args: []string{"tabcell"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Environ: []string{"TABCELL_AUDIT=" + filepath.Join(t.TempDir(), "no", "audit.jsonl")}, Signals: make(chan os.Signal)}
	if code := a.Run(); code != exitFailed || !strings.Contains(out.String(), "the audit trail cannot be opened (TABCELL_AUDIT)") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
}
