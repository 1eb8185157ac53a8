package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// newRouterPair returns a router over two engines that share a queue, and the large engine. It is
// loaded once load is closed.
func newRouterPair(t *testing.T, load <-chan struct{}) (*Router, *Engine) {
	small := newEngine(t, nil)
	large := newEngine(t, func(c *Config) { c.ShareQueueWith = small })
	return NewRouter(small, []string{"scipy", "sklearn"}, func() (*Engine, error) { <-load; return large, nil }), large
}

func closedChannel() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestRouter(t *testing.T) {
	r, large := newRouterPair(t, closedChannel())
	for _, c := range []struct {
		body         string
		small, large uint64 // calls
		err          error
	}{
		{"eplain", 1, 0, nil},
		{"eimport scipy", 0, 1, nil},
		{"efrom sklearn.cluster import x", 0, 1, nil},
		{"eimport scipyx, my_sklearn", 1, 0, nil}, // the modules are parts of other words
		{"escipy sklearn", 1, 0, nil},             // without an import
		{"eimport os, sklearn.svm", 0, 1, nil},
		{`ex\nimport scipy`, 0, 1, nil}, // an escaped line end
		{"x", 1, 0, &ScriptError{}},     // another error
		{"u", 1, 1, &ScriptError{}},     // a hidden import: it runs again in the large guest
		{"hm:scipy", 1, 1, nil},         // a search that does not fail
		{"hm:sklearn.svm", 1, 1, nil},   // of a part of a package
		{"hdist:scipy", 1, 1, nil},      // of a distribution
		{"hdist:*", 1, 1, nil},          // of all distributions
		{"hl:/lib/scipy", 1, 1, nil},    // of a folder
		{"hf:/lib/sklearn/__init__.py", 1, 1, nil},
		{"hf:/lib/scipyx/__init__.py", 1, 0, nil},
		{"hf:/lib/pandas/scipy", 1, 0, nil},
		{"hm:scipyx", 1, 0, nil},
		{"hf:scipy", 1, 0, nil}, // a file
		{"hm:scipy." + strings.Repeat("x", 300), 1, 0, nil},
	} {
		before, beforeLarge := r.small.Stats().Calls, large.Stats().Calls
		_, err := evaluate(r, c.body)
		var scriptErr *ScriptError
		if errors.As(err, &scriptErr) != (c.err != nil) || c.err == nil && err != nil {
			t.Errorf("script %s: error %v, want %v", c.body, err, c.err)
		}
		if s, l := r.small.Stats().Calls-before, large.Stats().Calls-beforeLarge; s != c.small || l != c.large {
			t.Errorf("%s: %d calls of the small guest and %d of the large one, want %d and %d", c.body, s, l, c.small, c.large)
		}
	}
}

// TestRouterRemembersScripts sends scripts that search for a module again. Only their first calls
// run in the small guest.
func TestRouterRemembersScripts(t *testing.T) {
	r, large := newRouterPair(t, closedChannel())
	for i, c := range []struct {
		body, account string
		small         uint64 // calls
	}{
		{`hm:scipy "script": "a"`, "", 1},
		{`hm:scipy "script": "a"`, "", 0},
		{`hm:scipy "data": 1, "script" : "a"`, "", 0}, // other data
		{`hm:scipy "script": "b"`, "", 1},
		{`hm:scipy "script": "a"`, "x", 1}, // another account
		{`hm:math "script": "c"`, "", 1},
		{`hm:math "script": "c"`, "", 1},
		{`hm:scipy`, "", 1},
		{`hm:scipy`, "", 1}, // without a script there is nothing to remember
	} {
		before, beforeLarge := r.small.Stats().Calls, large.Stats().Calls
		if strings.HasPrefix(c.body, "hm:scipy ") {
			c.body = strings.Replace(c.body, " ", ". ", 1) // ends the name of the module
		}
		result, err := r.Evaluate(t.Context(), Call{Body: []byte(c.body), Account: c.account})
		if err != nil || string(result.Body) != c.body[1:] {
			t.Errorf("call %d returned %q, error %v", i, result.Body, err)
		}
		if n := r.small.Stats().Calls - before; n != c.small {
			t.Errorf("call %d: %d calls of the small guest, want %d", i, n, c.small)
		}
		if n := large.Stats().Calls - beforeLarge; n == 0 != strings.HasPrefix(c.body, "hm:math") {
			t.Errorf("call %d: %d calls of the large guest", i, n)
		}
	}
}

// TestRecentSet adds more keys than the limit.
func TestRecentSet(t *testing.T) {
	s := newRecentSet[int](3)
	for i := range 3 {
		s.add(i)
		s.add(i)
	}
	if !s.has(0) {
		t.Error("a key is missing")
	}
	s.add(3) // drops 1
	s.removeIf(func(key int) bool { return key == 2 })
	if got := fmt.Sprint(s.has(0), s.has(1), s.has(2), s.has(3), s.len(), len(s.all)); got != "true false false true 2 2" {
		t.Error(got)
	}
}

// TestDiscardedRun checks that a run which ends at a search leaves nothing behind but its time.
func TestDiscardedRun(t *testing.T) {
	r, _ := newRouterPair(t, closedChannel())
	traces := make(chan Trace, 3)
	result, err := r.Evaluate(t.Context(), Call{Body: []byte("hm:scipy"), Trace: func(trace Trace) { traces <- trace }})
	if err != nil || !bytes.HasSuffix(result.Output, []byte("\n[196608 more bytes were printed and dropped; 64 KB are kept]\n")) || result.Timing.Queue == 0 {
		t.Errorf("returned %d bytes of output, %+v, error %v", len(result.Output), result.Timing, err)
	}
	if trace := <-traces; trace.Out != uint64(len("m:scipy")) {
		t.Errorf("trace %+v", trace)
	}
	if err := r.Close(); err != nil || len(traces) != 0 {
		t.Errorf("%d more traces, error %v", len(traces), err)
	}
}

// TestDiscardedRunCountsForDeadline checks that both runs together have the time of one call.
func TestDiscardedRunCountsForDeadline(t *testing.T) {
	load := make(chan struct{})
	r, _ := newRouterPair(t, load)
	time.AfterFunc(3*time.Second, func() { close(load) })
	begun := time.Now()
	_, err := r.Evaluate(t.Context(), Call{Body: []byte("Hm:scipy"), Limits: Limits{Timeout: 4 * time.Second}})
	// With a limit of its own, the second run would end after 7 s.
	if took := time.Since(begun); !errors.Is(err, ErrTimeout) || took > 6900*time.Millisecond || !strings.Contains(err.Error(), "of 4s") {
		t.Errorf("ended after %v with %v", took, err)
	}
}

func TestRouterBeforeLargeGuestIsReady(t *testing.T) {
	load := make(chan struct{})
	r, _ := newRouterPair(t, load)
	if res, err := evaluate(r, "eplain"); err != nil || string(res.Body) != "plain" {
		t.Errorf("returned %q, error %v", res.Body, err)
	}
	_, err := r.Evaluate(t.Context(), Call{Body: []byte("eimport scipy"), Limits: Limits{Timeout: 300 * time.Millisecond}})
	if !errors.Is(err, ErrPreparing) || errors.Is(err, ErrBusy) {
		t.Errorf("large guest not ready in time: %v", err)
	}
	go func() {
		for r.large.queue.Waiting() == 0 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		close(load)
	}()
	if res, err := evaluate(r, "eimport scipy"); err != nil || string(res.Body) != "import scipy" || res.Timing.Queue < 10*time.Millisecond {
		t.Errorf("large guest ready while the call waits: %q, %+v, %v", res.Body, res.Timing, err)
	}
}

// TestRouterCloseDuringLoad stops a router while the large guest is being compiled by a single
// worker, which nothing can interrupt.
func TestRouterCloseDuringLoad(t *testing.T) {
	load := make(chan struct{})
	r, large := newRouterPair(t, load)
	ended := make(chan error)
	go func() { _, err := evaluate(r, "eimport scipy"); ended <- err }()
	for r.large.queue.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	r.EndWaits()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("a call that waited for the large guest returned %v, want ErrClosed", err)
	}
	if err := r.Close(); err != nil { // would not return before the load
		t.Error(err)
	}
	close(load)
	if err := r.WaitLoaded(t.Context()); err != nil {
		t.Error(err)
	}
	for large.Stats().Slots != 0 { // until the load has closed it
		time.Sleep(time.Millisecond)
	}
	if _, err := evaluate(r, "eimport scipy"); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestRouterWithoutLargeGuest(t *testing.T) {
	small := newEngine(t, nil)
	if _, err := evaluate(NewRouter(small, nil, nil), "u"); err == nil {
		t.Error("a script that misses a module did not fail")
	}
	if res, err := evaluate(NewRouter(small, nil, nil), "eimport scipy"); err != nil || string(res.Body) != "import scipy" {
		t.Errorf("returned %q, error %v", res.Body, err)
	}
	r := NewRouter(small, []string{"scipy"}, func() (*Engine, error) { return nil, errors.New("damaged") })
	if _, err := evaluate(r, "eimport scipy"); !errors.Is(err, ErrCrash) {
		t.Error(err)
	}
}

func TestRouterWait(t *testing.T) {
	load := make(chan struct{})
	r, _ := newRouterPair(t, load)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(load)
	if err := r.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSharedPermits checks that two engines that share a queue run no more cells than one.
func TestSharedPermits(t *testing.T) {
	small := newEngine(t, func(c *Config) { c.Concurrency, c.Queue = 1, 1 })
	large := newEngine(t, func(c *Config) { c.ShareQueueWith = small })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for _, e := range []*Engine{small, large} {
		go func() { _, err := e.Evaluate(ctx, Call{Body: []byte("l")}); done <- err }()
	}
	for small.Stats().Running+small.Stats().Waiting < 2 {
		time.Sleep(time.Millisecond)
	}
	if s := large.Stats(); s.Running != 1 || s.Waiting != 1 {
		t.Errorf("stats %+v", s)
	}
	cancel()
	<-done
	<-done
}
