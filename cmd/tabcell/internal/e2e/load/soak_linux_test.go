package load

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// TestSoak loads a server in a process of its own with four fifths of what it can do, for as long as TABCELL_SOAK says (10m, `task soak`), and
// compares its memory at the end with that after a minute, or after half of the time: it may be a twentieth more. Every answer is checked.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("TABCELL_SOAK"))
	if err != nil {
		t.Skip("it takes long: TABCELL_SOAK says how long")
	}
	harness.Core(t) // compiled before the server starts
	s := startSoaked(t)
	mix := newSoakMix()
	capacity := s.capacity(mix)
	t.Logf("capacity: %.0f requests/s of the mix", capacity)
	settled, window := min(time.Minute, duration/2), min(time.Minute, duration/2)/4
	early, late := s.sample(settled-window, settled), s.sample(duration-window, duration)
	sent := s.load(mix, 0.8*capacity, duration)
	before, after := harness.Median(<-early), harness.Median(<-late)
	t.Logf("%d requests, memory after %v %.1f MiB, at the end %.1f MiB (%+.1f %%)", sent, settled, before, after, 100*(after/before-1))
	if after > 1.05*before {
		t.Errorf("the memory grew from %.1f to %.1f MiB", before, after)
	}
	if n := s.metric("tabcell_slots_unclean_total"); n != "0" {
		t.Errorf("%s slots were not the image again", n)
	}
	if wanted := 0.8 * capacity * duration.Seconds(); float64(sent) < 0.5*wanted {
		t.Errorf("%d requests, where %.0f were to be sent: the machine does something else besides", sent, wanted)
	}
}

// soakKind is one kind of request of the mix.
type soakKind struct {
	share  float64 // of the requests
	body   []byte
	status int
	answer []byte // the first one; of errors only the status counts
	leave  bool   // the client goes away before the answer
}

type soakMix []*soakKind

// newSoakMix: most requests are small, some are large, some fail, and some clients leave.
func newSoakMix() soakMix {
	return soakMix{
		{share: 0.60, body: bench.ScriptBody("return int(1)", bench.Column(4))(), status: 200},
		{share: 0.25, body: bench.AdditionBody(1000)(), status: 200},
		{share: 0.04, body: bench.AdditionBody(100_000)(), status: 200},
		{share: 0.04, body: bench.LazyBody(bench.RollingScript, func() []any { return []any{bench.Floats(1, 10_000)} })(), status: 200},
		{share: 0.02, body: bench.LazyBody("x = bytearray(100 << 20)\nreturn len(x)", func() []any { return nil })(), status: 200},
		{share: 0.02, body: bench.ScriptBody("return nothing")(), status: 500},
		{share: 0.01, body: bench.ScriptBody("print('x' * 100000)\nreturn 1")(), status: 200},
		{share: 0.01, body: []byte("no JSON"), status: 500},
		{share: 0.01, body: bench.ScriptBody("import time\ntime.sleep(0.2)\nreturn 1")(), leave: true},
	}
}

// pick takes a kind by a number from 0 to 1.
func (m soakMix) pick(at float64) *soakKind {
	for _, k := range m {
		if at -= k.share; at < 0 {
			return k
		}
	}
	return m[0]
}

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

// capacity is how many requests of the mix are answered a second when the next is always there.
func (s *soaked) capacity(mix soakMix) float64 {
	for _, k := range mix { // their first answers
		if err := s.send(k); err != nil {
			s.t.Fatal(err)
		}
	}
	const seconds, callers = 4, 8
	var group sync.WaitGroup
	var done atomic.Int64
	until := time.Now().Add(seconds * time.Second)
	for caller := range callers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(caller)))
			for time.Now().Before(until) {
				if err := s.send(mix.pick(random.Float64())); err != nil {
					s.t.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / seconds
}

// load lets people send requests of the mix, each the next some time after the answer to the last, so that together they come to the rate. On a
// machine that has become slower they send fewer: a queue of a fixed rate's requests would grow without end then, and the memory with it.
func (s *soaked) load(mix soakMix, rate float64, duration time.Duration) int {
	const people, usual = 32, 5 * time.Millisecond // what an answer takes, roughly
	pause := max(0, people/rate*float64(time.Second)-float64(usual))
	var group sync.WaitGroup
	var sent atomic.Int64
	end := time.Now().Add(duration)
	for person := range people {
		group.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(person)))
			for time.Now().Before(end) {
				if err := s.send(mix.pick(random.Float64())); err != nil {
					s.t.Error(err)
					return
				}
				sent.Add(1)
				time.Sleep(time.Duration(random.ExpFloat64() * pause))
			}
		})
	}
	group.Wait()
	return int(sent.Load())
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

func TestSoakMix(t *testing.T) {
	mix := newSoakMix()
	seen := map[*soakKind]int{}
	for i := range 1000 {
		seen[mix.pick((float64(i)+0.5)/1000)]++
	}
	if n := seen[mix[0]]; n != 600 || len(seen) != len(mix) || slices.ContainsFunc(mix, func(k *soakKind) bool { return seen[k] == 0 }) {
		t.Errorf("%d kinds, %d of the first", len(seen), n)
	}
}
