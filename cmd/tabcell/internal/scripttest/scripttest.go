// Package scripttest runs sessions of the program, which are txtar files of package testscript, for
// the tests of several packages.
package scripttest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/rogpeppe/go-internal/testscript"
)

// Main is the TestMain of a package with sessions. It runs the tests, or the program if a session
// has started the test binary under one of the program's names.
func Main(m *testing.M, program func() int) {
	exit := func() { os.Exit(program()) }
	testscript.Main(tests{m}, map[string]func(){"tabcell": exit, "tabpy": exit, "tabpy-user": exit, "tabpy-deploy-models": exit})
}

// tests runs the tests of a package in a process that trusts the certificate of the test kit's key
// set server. The system's certificates are read once per process, at their first use, so
// SSL_CERT_FILE has to be set before the first test.
type tests struct{ *testing.M }

// Run implements testscript.TestingM.
func (m tests) Run() int {
	home, err := os.MkdirTemp("", "tabcell-test-")
	err = errors.Join(err, os.Setenv("SSL_CERT_FILE", testenv.File("httpapi/tck/testdata/configs/test-tls.crt")),
		os.Setenv("XDG_CONFIG_HOME", home)) // servers store models there, in place of the user's home
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	return m.M.Run()
}

// Run runs the sessions in a folder, each in its own empty folder, with the compiled guests that
// all tests share. In addition to the commands of testscript, sessions can use:
//
//	ask URL [BODY]   send GET, or POST with a body, until the status is not 503; prints the response
//	terminate        send SIGTERM to the background processes
//	hangup           send SIGHUP to the background processes
//	await FILE REGEX wait until the file exists and matches
//	wheel FILE DIR   pack a folder as a wheel
//	certificate ...  see certtest.MakeCertificate
func Run(t *testing.T, dir string) {
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TABCELL_CACHE_DIR", testenv.CacheDir())
			env.Setenv("TABCELL_PORT", "0")
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config")) // servers store models there
			env.Setenv("WHEELS", testenv.File("cmd/tabcell/internal/e2e/testdata/wheels"))
			env.Setenv("FREE", strconv.Itoa(testenv.FreePort(t)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ask": ask, "await": await, "hangup": send(hangup), "terminate": send(syscall.SIGTERM), "certificate": certtest.MakeCertificate, "wheel": makeWheel,
		},
	})
}

// ask implements the command ask.
func ask(ts *testscript.TestScript, _ bool, args []string) {
	var last error
	limit := testenv.Scaled(2 * time.Minute)
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		status, body, err := askOnce(args)
		if err == nil && status != http.StatusServiceUnavailable {
			fmt.Fprintf(ts.Stdout(), "%d %s\n", status, body)
			return
		}
		last = err
	}
	ts.Fatalf("no response from %s within %v, or only 503 (last error: %v)", args[0], limit, last)
}

// askOnce sends one request and returns the status and the body of the response.
func askOnce(args []string) (int, string, error) {
	method, body := http.MethodGet, ""
	if len(args) > 1 {
		method, body = http.MethodPost, args[1]
	}
	request, err := http.NewRequest(method, args[0], strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Close = true
	response, err := testenv.AnyCertificate.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// send returns a command that sends a signal to the background processes.
func send(signal os.Signal) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		for _, cmd := range ts.BackgroundCmds() {
			ts.Check(cmd.Process.Signal(signal))
		}
	}
}

// await implements the command await.
func await(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var text []byte
	limit := testenv.Scaled(10 * time.Second)
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if text, err = os.ReadFile(ts.MkAbs(args[0])); err == nil && pattern.Match(text) {
			return
		}
	}
	ts.Fatalf("%s did not match %s within %v (last error: %v):\n%s", args[0], args[1], limit, err, text)
}
