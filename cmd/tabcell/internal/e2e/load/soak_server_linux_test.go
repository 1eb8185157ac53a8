package load

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/testenv"
)

// soakServer is a server in a separate process.
type soakServer struct {
	t      *testing.T
	url    string
	pid    int
	client *http.Client
}

// startSoakServer starts a server and waits until it is ready. The server ends with the test.
func startSoakServer(t *testing.T) *soakServer {
	port := testenv.FreePort(t)
	cmd := exec.Command("tabcell", "serve", "--guest", "core", "--port", strconv.Itoa(port))
	cmd.Env = append(os.Environ(), "TABCELL_CACHE_DIR="+testenv.CacheDir(), "TABCELL_METRICS=on", "TABCELL_LOG_LEVEL=error", "TABCELL_MODELS_PATH="+t.TempDir())
	log := testenv.NewOutput()
	cmd.Stdout, cmd.Stderr = io.Discard, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &soakServer{t: t, url: fmt.Sprintf("http://127.0.0.1:%d", port), pid: cmd.Process.Pid, client: bench.NewClient(64, &http.Transport{})}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v: %.2000s", err, log)
		}
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if r, err := s.client.Get(s.url + "/health/ready"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return s
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server was not ready within a minute: %s", log)
		}
	}
}

// send makes one request and checks the response.
func (s *soakServer) send(k *soakKind) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if k.leave {
		ctx, cancel = context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/evaluate", bytes.NewReader(k.body))
	if err != nil {
		return err
	}
	response, err := s.client.Do(r)
	if k.leave {
		return nil
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode != k.status:
		return fmt.Errorf("status %d, want %d: %.300s", response.StatusCode, k.status, b)
	case k.first == nil:
		k.first = b
	case k.status == http.StatusOK && !bytes.Equal(b, k.first):
		return fmt.Errorf("a response differs from the first one: %.100q", b)
	}
	return nil
}

// sample starts to measure the memory twice a second, after from and until to has passed. It sends
// all samples at the end.
func (s *soakServer) sample(from, to time.Duration) <-chan []float64 {
	start, out := time.Now(), make(chan []float64, 1)
	go func() {
		var samples []float64
		time.Sleep(from)
		for time.Since(start) < to {
			samples = append(samples, s.memory())
			time.Sleep(500 * time.Millisecond)
		}
		out <- samples
	}()
	return out
}

// memory returns the proportional set size (PSS) of the server in MiB.
func (s *soakServer) memory() float64 {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.pid), "smaps_rollup"))
	if err != nil {
		s.t.Error(err)
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); f[0] == "Pss:" {
			kib, _ := strconv.ParseFloat(f[1], 64)
			return kib / 1024
		}
	}
	return 0
}

// metric returns the value of a metric without labels, or "" if there is none.
func (s *soakServer) metric(name string) string {
	text, err := getBody(s.url + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
