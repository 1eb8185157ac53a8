package runtime

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"time"
)

// TestAttempts checks the numbers of attempts that began and that throw ended, and that the next
// script starts from the image.
func TestAttempts(t *testing.T) {
	e := newEngine(t, nil)
	// AD and AR make attempts until the host refuses one, with the result 2; AR recurses deeply in each.
	for body, want := range map[string]string{"Ar": "1 0", "At": "1 1", "Ad": "2 1", "AD": "2 2", "AR": "2 2"} {
		r, err := evaluate(e, body)
		if err != nil || string(r.Body) != want {
			t.Errorf("%s: attempts %q, error %v; want %q", body, r.Body, err, want)
		}
	}
	if r, err := evaluate(e, "Ar"); err != nil || string(r.Body) != "1 0" {
		t.Errorf("the next script did not start from the image: attempts %q, error %v", r.Body, err)
	}
}

// TestAttemptsDoNotCatch ends guests inside an attempt in the ways that only the host may handle.
func TestAttemptsDoNotCatch(t *testing.T) {
	e := newEngine(t, nil)
	for body, want := range map[string]error{"AT": ErrCrash, "Al": ErrTimeout, "B": ErrCrash} {
		call := Call{Body: []byte(body)}
		if errors.Is(want, context.DeadlineExceeded) {
			call.Limits.Timeout = 100 * time.Millisecond
		}
		if r, err := e.Evaluate(t.Context(), call); !errors.Is(err, want) {
			t.Errorf("%s returned %q, error %v; want %v", body, r.Body, err, want)
		}
	}
	if r, err := evaluate(e, "At"); err != nil || string(r.Body) != "1 1" {
		t.Errorf("the next script: attempts %q, error %v", r.Body, err)
	}
}

// TestAttemptStacks checks that attempts whose stacks are deep leave no memory behind.
func TestAttemptStacks(t *testing.T) {
	e := newEngine(t, nil)
	inUse := func() uint64 {
		var m goruntime.MemStats
		goruntime.GC()
		goruntime.ReadMemStats(&m)
		return m.HeapInuse
	}
	before := inUse()
	for range 10 {
		if r, err := evaluate(e, "AR"); err != nil || string(r.Body) != "2 2" {
			t.Fatalf("attempts %q, error %v", r.Body, err)
		}
	}
	if grown := int64(inUse()) - int64(before); grown > 32<<20 {
		t.Errorf("%d bytes are in use after ten scripts, want less than 32 MiB", grown)
	}
}
