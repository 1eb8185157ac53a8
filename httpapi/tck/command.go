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

// startTimeout is the time within which a server must become ready, or exit.
const startTimeout = 60 * time.Second

// Command returns the target that runs a command line with the path of the configuration file
// appended. It can test any server, including TabPy itself. The output of the command is shown when
// a test fails.
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
			return 0, fmt.Errorf("%v did not run and exit by itself: %w", argv, errors.Join(err, ctx.Err()))
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

// awaitReady waits until a server responds. A server with a readiness check must also report that
// it can run scripts.
func awaitReady(url string, timeout time.Duration) error {
	transport := insecure()
	transport.DisableKeepAlives = true
	client := &http.Client{Timeout: 5 * time.Second, Transport: transport}
	for deadline := time.Now().Add(timeout); ; time.Sleep(50 * time.Millisecond) {
		response, err := client.Get(url + "/health/ready")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusServiceUnavailable {
				return nil // TabPy has no such path and responds with 404
			}
			err = errors.New(response.Status)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready within %v: %w", timeout, err)
		}
	}
}
