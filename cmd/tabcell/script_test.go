package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	program := func() { os.Exit(mainCode()) }
	testscript.Main(trusting{m}, map[string]func(){"tabcell": program, "tabpy": program, "tabpy-user": program, "tabpy-deploy-models": program})
}

// TestScripts runs the sessions of testdata/script, each in an empty folder as its home. Those below guest/ need the real guest, and share
// the compiled code of all tests. Besides testscript's own commands they have
//
//	ask URL [BODY]      GET, or POST with a body, until the answer is not 503; the answer becomes stdout
//	terminate           SIGTERM for what runs in the background
//	certificate ...     see makeCertificate
func TestScripts(t *testing.T) {
	wheels, err := filepath.Abs("testdata/wheels")
	if err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"plain": "testdata/script", "guest": "testdata/script/guest"} {
		t.Run(name, func(t *testing.T) {
			if name == "guest" {
				guestEngine(t) // compiled once here, and not by every session at the same time
			}
			testscript.Run(t, testscript.Params{
				Dir: dir, RequireExplicitExec: true,
				Setup: func(env *testscript.Env) error {
					env.Setenv("TABCELL_CACHE_DIR", testenv.CacheDir())
					env.Setenv("TABCELL_PORT", "0")
					env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config")) // servers keep models there
					env.Setenv("WHEELS", wheels)
					env.Setenv("FREE", strconv.Itoa(testenv.FreePort(t)))
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"ask": ask, "terminate": terminate, "certificate": certtest.MakeCertificate},
			})
		})
	}
}

func ask(ts *testscript.TestScript, _ bool, args []string) {
	var last error
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		status, body, err := askOnce(args)
		if err == nil && status != http.StatusServiceUnavailable {
			fmt.Fprintf(ts.Stdout(), "%d %s\n", status, body)
			return
		}
		last = err
	}
	ts.Fatalf("%s does not answer: %v", args[0], last)
}

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
	response, err := anyCertificate.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}
