package authn

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestConcurrentChecksShareAttempt sends the same login many times at once, as Tableau does at
// first. The password must be checked only once.
func TestConcurrentChecksShareAttempt(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "right"))
	release := p.occupySlots()
	results := make(chan error)
	for range 100 {
		go func() { results <- p.verifyFrom("ann", "right", clientA) }()
	}
	waitFor(t, "one attempt", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.attempts) == 1
	})
	release()
	for range 100 {
		if err := <-results; err != nil {
			t.Fatal(err)
		}
	}
	if left := p.lockout.buckets[clientA].guesses; left != burst {
		t.Errorf("%v guesses left, want %d", left, burst)
	}
}

// TestAttemptsAreBounded fills the queue of checks, first for one source and then in total.
func TestAttemptsAreBounded(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "right")+saltedLine(t, "bob", "right"))
	if err := p.verifyFrom("ann", "right", clientA); err != nil {
		t.Fatal(err)
	}
	p.forceReload(t)
	release := p.occupySlots()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var throttled *ThrottledError
	for i := range maxAttemptsPerSource {
		if err := p.Verify(ctx, "bob", fmt.Sprint(i), clientB); !errors.Is(err, context.Canceled) {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if err := p.verifyFrom("bob", "one more", clientB); !errors.As(err, &throttled) || throttled.RetryAfter != time.Second {
		t.Errorf("attempt %d of one source: %v, want ThrottledError", maxAttemptsPerSource+1, err)
	}
	for i := range maxAttempts - maxAttemptsPerSource {
		if err := p.Verify(ctx, "bob", "x", fmt.Sprintf("198.51.100.%d", i)); !errors.Is(err, context.Canceled) {
			t.Fatalf("source %d: %v", i, err)
		}
	}
	login := p.loginOf("bob", "right")
	p.accounts.Load().byName["bob"].verified.Store(&verifiedLogin{login, time.Now().Add(time.Hour)}) // verified in the meantime, which must not be visible
	if err := p.verifyFrom("bob", "right", "203.0.113.1"); !errors.As(err, &throttled) {
		t.Errorf("attempt %d: %v, want ThrottledError", maxAttempts+1, err)
	}
	if left := p.lockout.buckets["203.0.113.1"].guesses; left != burst {
		t.Errorf("a guess that was not checked was counted: %v left, want %d", left, burst)
	}
	if err := p.verifyFrom("ann", "right", clientA); err != nil {
		t.Errorf("a trusted login was refused because of the queue: %v", err)
	}
	release()
	waitIdle(t, p)
	if left := p.lockout.buckets[clientB].guesses; left != burst-maxAttemptsPerSource {
		t.Errorf("%v guesses left, want %d: guesses of disconnected clients count", left, burst-maxAttemptsPerSource)
	}
}
