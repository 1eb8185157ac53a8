package authn

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// Tableau's first requests come together: the check is paid for once.
func TestConcurrentChecksShareAttempt(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "right"))
	release := p.occupySlots()
	results := make(chan error)
	for range 100 {
		go func() { results <- p.verifyFrom("ann", "right", clientA) }()
	}
	waitFor(t, "an attempt", func() bool {
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
	if left := p.lockout.buckets[clientA].tokens; left != burst {
		t.Errorf("%v guesses are left of %d", left, burst)
	}
}

// A crowd of guesses waits in a bounded queue.
func TestAttemptsAreBounded(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "right")+saltedLine(t, "bob", "right"))
	if err := p.verifyFrom("ann", "right", clientA); err != nil {
		t.Fatal(err)
	}
	p.forceReload(t)
	release := p.occupySlots()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var throttled *Throttled
	for i := range maxAttemptsPerSource {
		if err := p.Verify(ctx, "bob", fmt.Sprint(i), clientB); !errors.Is(err, context.Canceled) {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if err := p.verifyFrom("bob", "one more", clientB); !errors.As(err, &throttled) || throttled.RetryAfter != time.Second {
		t.Errorf("one source may have more than %d: %v", maxAttemptsPerSource, err)
	}
	for i := range maxAttempts - maxAttemptsPerSource {
		if err := p.Verify(ctx, "bob", "x", fmt.Sprintf("198.51.100.%d", i)); !errors.Is(err, context.Canceled) {
			t.Fatalf("source %d: %v", i, err)
		}
	}
	login := p.loginOf("bob", "right")
	p.accounts.Load().byName["bob"].verified.Store(&login) // it is proved meanwhile, and that must not show either
	if err := p.verifyFrom("bob", "right", "203.0.113.1"); !errors.As(err, &throttled) {
		t.Errorf("more than %d wait: %v", maxAttempts, err)
	}
	if left := p.lockout.buckets["203.0.113.1"].tokens; left != burst {
		t.Errorf("what was not checked was counted: %v left", left)
	}
	if err := p.verifyFrom("ann", "right", clientA); err != nil {
		t.Errorf("who signed in before has to queue: %v", err)
	}
	release()
	waitIdle(t, p)
	if left := p.lockout.buckets[clientB].tokens; left != burst-maxAttemptsPerSource {
		t.Errorf("guesses whose clients went away count: %v left", left)
	}
}
