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
