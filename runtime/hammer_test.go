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

// TestHammer evaluates scripts that return, loop, trap, print, grow or get canceled, from 64
// goroutines. In the end, all permits, slots and goroutines must have been released.
func TestHammer(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue, c.Limits.Timeout = 4, 64, 200*time.Millisecond })
	if _, err := evaluate(e, "c"); err != nil {
		t.Fatal(err)
	}
	before := goruntime.NumGoroutine()
	untouched := strconv.Itoa(len(warmUps) + 1)
	var group sync.WaitGroup
	for caller := range 64 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(caller)))
			for range 8 {
				if err := makeRandomCall(e, r, untouched); err != nil {
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
		t.Errorf("stats %+v after all calls", s)
	}
	for deadline := time.Now().Add(time.Minute); goruntime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, but %d before", goruntime.NumGoroutine(), before)
		}
	}
}

// makeRandomCall evaluates a random script and checks that it ends in one of its possible ways.
func makeRandomCall(e *Engine, r *rand.Rand, untouched string) error {
	scripts := []struct {
		body string
		errs []error
	}{
		{"c", nil}, {"d", nil}, {"eown", nil}, {"g", nil}, {"p", nil},
		{"l", []error{ErrTimeout}}, {"s", []error{ErrTimeout}}, {"i", []error{ErrTimeout}},
		{"t", []error{ErrCrash}}, {"r", []error{ErrCrash}}, {"o", []error{ErrCrash}},
		{"gt", []error{ErrMemory}},
	}
	script := scripts[r.IntN(len(scripts))]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if r.IntN(4) == 0 {
		defer time.AfterFunc(time.Duration(r.IntN(20))*time.Millisecond, cancel).Stop()
	}
	result, err := e.Evaluate(ctx, Call{Body: []byte(script.body)})
	switch {
	case errors.Is(err, ErrBusy), errors.Is(err, context.Canceled), errors.Is(err, ErrTimeout):
		return nil
	case err == nil && len(script.errs) == 0:
		if got := string(result.Body); (script.body == "c" || script.body == "d") && got != untouched || script.body == "eown" && got != "own" {
			return fmt.Errorf("script %s returned %q", script.body, got)
		}
		return nil
	}
	for _, want := range script.errs {
		if errors.Is(err, want) {
			return nil
		}
	}
	return fmt.Errorf("script %s ended with %w", script.body, err)
}
