package tck

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Command starts servers by a command line, to which the path of the configuration file is added: so any server can be measured, TabPy
// itself included. Its output is shown when a test fails.
func Command(argv ...string) func(t testing.TB, s Server) (string, func()) {
	return func(t testing.TB, s Server) (string, func()) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "tabpy.conf")
		if err := os.WriteFile(file, []byte(s.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(argv[0], append(argv[1:len(argv):len(argv)], file)...)
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), fmt.Sprintf("TABPY_PORT=%d", s.Port))
		cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stop := func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		url := fmt.Sprintf("http://127.0.0.1:%d", s.Port)
		if err := ready(url, 60*time.Second); err != nil {
			stop()
			t.Fatalf("%v: %v", argv, err)
		}
		return url, stop
	}
}

// ready waits until a server answers, and, where it has a check for that, says that it can run scripts.
func ready(url string, most time.Duration) error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(most); ; time.Sleep(50 * time.Millisecond) {
		response, err := client.Get(url + "/health/ready")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusServiceUnavailable {
				return nil // TabPy, for one, does not know the path
			}
			err = errors.New(response.Status)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready within %v: %w", most, err)
		}
	}
}
