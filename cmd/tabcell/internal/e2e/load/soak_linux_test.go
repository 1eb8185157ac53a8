package load

import (
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestSoak loads a server in a separate process with 80 % of its capacity, for the duration that
// TABCELL_SOAK gives (task soak uses 10m). The memory at the end may be at most 5 % more than after
// the first minute, or after half of the duration if that is shorter. Every response is checked.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("TABCELL_SOAK"))
	if err != nil {
		t.Skip("set TABCELL_SOAK to the duration of the test, such as 10m")
	}
	harness.Core(t) // compiled before the server starts
	s := startSoakServer(t)
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
		t.Errorf("%s slots could not be reset to the image", n)
	}
	if planned := 0.8 * capacity * duration.Seconds(); float64(sent) < 0.5*planned {
		t.Errorf("only %d of %.0f planned requests were sent: the machine is too busy for this test", sent, planned)
	}
}

// capacity returns the number of requests of the mix that the server handles per second without
// pauses between them.
func (s *soakServer) capacity(mix soakMix) float64 {
	for _, k := range mix { // records the first response of each kind
		if err := s.send(k); err != nil {
			s.t.Fatal(err)
		}
	}
	const seconds, callers = 4, 8
	var group sync.WaitGroup
	var done atomic.Int64
	deadline := time.Now().Add(seconds * time.Second)
	for caller := range callers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(caller)))
			for time.Now().Before(deadline) {
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

// load lets clients send requests of the mix at rate requests per second together, and returns the
// number of requests. Each client pauses between a response and its next request, so the clients
// send fewer requests if the machine becomes slower. At a fixed rate, the queue and the memory
// would grow without limit then.
func (s *soakServer) load(mix soakMix, rate float64, duration time.Duration) int {
	const clients, latency = 32, 5 * time.Millisecond // latency is an estimate
	pause := max(0, clients/rate*float64(time.Second)-float64(latency))
	var group sync.WaitGroup
	var sent atomic.Int64
	end := time.Now().Add(duration)
	for client := range clients {
		group.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(client)))
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
