package cli

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// getAs sends a GET request with a user name and password, and returns the status, the challenge
// and the body.
func (r *testServer) getAs(t *testing.T, name, password, path string) (int, string, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if name != "" {
		request.SetBasicAuth(name, password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Www-Authenticate"), string(body)
}

// runProgram runs the program with the given stdin.
func runProgram(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	a := &App{Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &err, Signals: make(chan os.Signal)}
	return a.Run(), out.String(), err.String()
}

// A server uses a password file that the user commands made, and reads it again when it changes.
func TestServeWithPasswords(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := filepath.Join(t.TempDir(), "pwd.txt")
	if code, _, stderr := runProgram("first: pässword\n", "tabcell", "user", "add", "Ann", "-f", path); code != exitOK {
		t.Fatal(stderr)
	}
	r := startServer(t, "TABPY_PWD_FILE="+path, "TABCELL_HOST=127.0.0.1")
	status := func(want int, name, password string) {
		t.Helper()
		got, challenge, _ := r.getAs(t, name, password, "/status")
		if got != want || (challenge == `Basic realm="TabPy Server"`) != (want == 401) {
			t.Errorf("%s with %s: status %d, challenge %q, want status %d", name, password, got, challenge, want)
		}
	}
	status(401, "", "")
	status(401, "ann", "other")
	status(401, "bob", "other")
	status(200, "ANN", "first: pässword")
	if _, _, body := r.getAs(t, "ann", "first: pässword", "/info"); !strings.Contains(body, `"authentication": {"required": true, "methods": {"basic-auth": {}}}`) {
		t.Errorf("info: %s", body)
	}
	if code, _, stderr := runProgram("second password\n", "tabcell", "user", "update", "ann", "-f", path); code != exitOK {
		t.Fatal(stderr)
	}
	r.stderr.Find(t, `(?s)Parsing passwords file.*Parsing passwords file`)
	status(401, "ann", "first: pässword")
	status(200, "ann", "second password")
	if err := os.WriteFile(path, []byte("ann  x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.stderr.Find(t, `cannot be used; the last good copy stays in effect: line 1: Incorrect entry`)
	status(200, "ann", "second password")
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
	for _, secret := range []string{"pässword", "second password", "other"} {
		if strings.Contains(r.stderr.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, r.stderr)
		}
	}
}

// The server does not start if the password file is missing or invalid, because it would be open to
// everyone.
func TestServeRefusesBadPasswordFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwd.txt")
	a := &App{Args: []string{"tabcell", "--port", "0"}, Stdout: io.Discard, Environ: []string{"TABPY_PWD_FILE=" + path}}
	for i, want := range []string{"the file does not exist", "the file has no accounts", "line 1: Incorrect entry"} {
		text := []string{"", "# empty\n", "a  b\n"}[i]
		if i > 0 {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var stderr bytes.Buffer
		a.Stderr = &stderr
		code := a.Run()
		if !strings.Contains(stderr.String(), "Failed to read passwords file "+path+": ") || !strings.Contains(stderr.String(), want) || code != exitFailed {
			t.Errorf("%q: exit code %d\n%s", text, code, &stderr)
		}
		if strings.Contains(stderr.String(), "listening") {
			t.Error("the server listened")
		}
	}
}

func TestServeWarnsAboutPasswordFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwd.txt")
	if err := os.WriteFile(path, []byte("ann lost\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := startServer(t, "TABPY_PWD_FILE="+path, "TABCELL_HOST=127.0.0.1")
	r.stderr.Find(t, `"warn".*line 1: the hash of \\"ann\\" uses an unknown scheme`)
	r.stderr.Find(t, `"warn".*every user of this machine can read it`)
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
}
