package tck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// startTime is how long a server may take to answer, or to refuse.
const startTimeout = 60 * time.Second

// Command is the target that is started by a command line, to which the path of the configuration file is added: so any server can be
// measured, TabPy itself included. Its output is shown when a test fails.
func Command(argv ...string) Target {
	return Target{
		Start: func(t testing.TB, s ServerSpec) (string, func()) {
			t.Helper()
			cmd := newCommand(t, context.Background(), s, argv)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			stop := func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}
			if err := awaitReady(s.URL(), startTimeout); err != nil {
				stop()
				t.Fatalf("%v: %v", argv, err)
			}
			return s.URL(), stop
		},
		RunUntilExit: func(t testing.TB, s ServerSpec) (int, error) {
			t.Helper()
			ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
			defer cancel()
			cmd := newCommand(t, ctx, s, argv)
			err := cmd.Run()
			if exit := new(exec.ExitError); ctx.Err() == nil && (err == nil || errors.As(err, &exit)) {
				return cmd.ProcessState.ExitCode(), nil
			}
			return 0, fmt.Errorf("%v did not end by itself: %w", argv, errors.Join(err, ctx.Err()))
		},
	}
}

func newCommand(t testing.TB, ctx context.Context, s ServerSpec, argv []string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tabpy.conf")
	writeFile(t, file, []byte(s.ConfigText))
	cmd := exec.CommandContext(ctx, argv[0], append(argv[1:len(argv):len(argv)], file)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), s.Env...)
	cmd.Stdout = io.MultiWriter(s.Output, t.Output())
	cmd.Stderr = cmd.Stdout
	return cmd
}

// awaitReady waits until a server answers, and, where it has a check for that, says that it can run scripts.
func awaitReady(url string, timeout time.Duration) error {
	transport := insecure()
	transport.DisableKeepAlives = true
	client := &http.Client{Timeout: 5 * time.Second, Transport: transport}
	for deadline := time.Now().Add(timeout); ; time.Sleep(50 * time.Millisecond) {
		response, err := client.Get(url + "/health/ready")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusServiceUnavailable {
				return nil // TabPy, for one, does not know the path
			}
			err = errors.New(response.Status)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready within %v: %w", timeout, err)
		}
	}
}
