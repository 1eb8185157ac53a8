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

// soaked is a server in a process of its own.
type soaked struct {
	t      *testing.T
	url    string
	pid    int
	client *http.Client
}

func startSoaked(t *testing.T) *soaked {
	port := testenv.FreePort(t)
	cmd := exec.Command("tabcell", "serve", "--guest", "core", "--port", strconv.Itoa(port))
	cmd.Env = append(os.Environ(), "TABCELL_CACHE_DIR="+testenv.CacheDir(), "TABCELL_METRICS=on", "TABCELL_LOG_LEVEL=error", "TABCELL_MODELS_PATH="+t.TempDir())
	log := testenv.NewOutput()
	cmd.Stdout, cmd.Stderr = io.Discard, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &soaked{t: t, url: fmt.Sprintf("http://127.0.0.1:%d", port), pid: cmd.Process.Pid, client: bench.NewClient(64, &http.Transport{})}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v: %.2000s", err, log)
		}
	})
	for limit := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if r, err := s.client.Get(s.url + "/health/ready"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return s
			}
		}
		if time.Now().After(limit) {
			t.Fatalf("the server does not get ready: %s", log)
		}
	}
}

// send makes one request and checks the answer.
func (s *soaked) send(k *soakKind) error {
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
	answer, err := s.client.Do(r)
	if k.leave {
		return nil
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode != k.status:
		return fmt.Errorf("status %d, want %d: %.300s", answer.StatusCode, k.status, b)
	case k.answer == nil:
		k.answer = b
	case k.status == http.StatusOK && !bytes.Equal(b, k.answer):
		return fmt.Errorf("an answer differs from the first: %.100q", b)
	}
	return nil
}

// sample measures the memory twice a second between two times from now on.
func (s *soaked) sample(from, to time.Duration) <-chan []float64 {
	begun, out := time.Now(), make(chan []float64, 1)
	go func() {
		var all []float64
		time.Sleep(from)
		for time.Since(begun) < to {
			all = append(all, s.memory())
			time.Sleep(500 * time.Millisecond)
		}
		out <- all
	}()
	return out
}

// memory is the server's share of memory, MiB.
func (s *soaked) memory() float64 {
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

// metric is a line's value.
func (s *soaked) metric(name string) string {
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
