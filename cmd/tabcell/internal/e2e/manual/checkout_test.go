//go:build checkout && unix

package manual

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// TestCheckout replays the sessions that build the program from a checkout, in a clone of this one,
// with Go's caches of this machine.
func TestCheckout(t *testing.T) {
	needs(t, "git", "go", "sh", "curl")
	harness.Core(t) // compiled once here, and not by the server
	s := newSession(t)
	s.env = append(s.env, goEnvironment(t)...)
	clone := filepath.Join(s.dir, "tabcell")
	s.replay(command{text: "git clone --quiet --shared " + testenv.File(".") + " " + clone})
	s.dir = clone
	for _, c := range hostCommands(t) {
		if strings.HasPrefix(c.text, "go run ./cmd/tabcell") {
			s.serveUntilInterrupted(c)
			continue
		}
		s.replay(c)
	}
	s.replay(command{text: "dist/tabcell version"})
}

// goEnvironment returns the variables with which Go finds its caches, because the session has another
// home.
func goEnvironment(t *testing.T) (variables []string) {
	t.Helper()
	out, err := exec.Command("go", "env", "-json", "GOPATH", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOSUMDB").Output()
	values := map[string]string{}
	if err == nil {
		err = json.Unmarshal(out, &values)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range values {
		variables = append(variables, name+"="+value)
	}
	return variables
}

// serveUntilInterrupted runs a command that builds and starts a server, waits until it is ready, and
// interrupts it as Ctrl-C does, which must end the server without an error.
func (s *session) serveUntilInterrupted(c command) {
	s.t.Helper()
	cmd := s.command(context.Background(), "exec "+c.text) // a shell would end by the signal as well
	log := testenv.NewOutput()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	kill := time.AfterFunc(testenv.Scaled(15*time.Minute), func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer kill.Stop()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !s.ready() {
		select {
		case err := <-ended:
			s.t.Fatalf("$ %s: %v\n%s", c.text, err, log)
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		s.t.Fatal(err)
	}
	err := <-ended // go run exits with 1 after Ctrl-C, and prints the exit status of the program if it is not 0
	if text := log.String(); !strings.Contains(text, "Shutting down TabPy...") || strings.Contains(text, "exit status") {
		s.t.Errorf("$ %s: after Ctrl-C: %v\n%s", c.text, err, text)
	}
}
