package runtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestHammer mixes 64 callers whose scripts answer, loop, trap, flood, grow and go away; then
// everything is back where it was.
func TestHammer(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue, c.Limits.Timeout = 4, 64, 200*time.Millisecond })
	if _, err := ask(e, "c"); err != nil {
		t.Fatal(err)
	}
	before := goruntime.NumGoroutine()
	untouched := strconv.Itoa(len(warmUps) + 1)
	var group sync.WaitGroup
	for caller := range 64 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(caller)))
			for range 8 {
				if err := oneCall(e, r, untouched); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if err := e.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := e.Stats(); s.Running != 0 || s.Waiting != 0 || s.Slots > 4 || s.Instances != s.Calls+1 {
		t.Errorf("%+v", s)
	}
	for deadline := time.Now().Add(5 * time.Second); goruntime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", goruntime.NumGoroutine(), before)
		}
	}
}

// oneCall asks for one of many things and checks that what comes is one of its own possible ends.
func oneCall(e *Engine, r *rand.Rand, untouched string) error {
	kinds := []struct {
		body string
		ends []error
	}{
		{"c", nil}, {"d", nil}, {"eown", nil}, {"l", []error{ErrTimeout}}, {"s", []error{ErrTimeout}}, {"t", []error{ErrCrash}}, {"r", []error{ErrCrash}},
		{"gt", []error{ErrMemory}}, {"g", nil}, {"p", nil}, {"o", []error{ErrCrash}}, {"i", []error{ErrTimeout}},
	}
	k := kinds[r.IntN(len(kinds))]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if r.IntN(4) == 0 {
		defer time.AfterFunc(time.Duration(r.IntN(20))*time.Millisecond, cancel).Stop()
	}
	answer, err := e.Evaluate(ctx, Call{Body: []byte(k.body)})
	switch {
	case errors.Is(err, ErrBusy), errors.Is(err, context.Canceled), errors.Is(err, ErrTimeout):
		return nil
	case err == nil && len(k.ends) == 0:
		if got := string(answer.Body); (k.body == "c" || k.body == "d") && got != untouched || k.body == "eown" && got != "own" {
			return fmt.Errorf("%s answered %q", k.body, got)
		}
		return nil
	}
	for _, end := range k.ends {
		if errors.Is(err, end) {
			return nil
		}
	}
	return fmt.Errorf("%s ended with %w", k.body, err)
}
