package authn

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// Tableau's first requests come together: the check is paid for once.
func TestSameGuessIsPaidOnce(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "right"))
	release := p.occupy()
	got := make(chan error)
	for range 100 {
		go func() { got <- p.check("ann", "right", here) }()
	}
	until(t, "an attempt", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.attempts) == 1
	})
	release()
	for range 100 {
		if err := <-got; err != nil {
			t.Fatal(err)
		}
	}
	if left := p.lockout.sources[here].left; left != burst {
		t.Errorf("%v guesses are left of %d", left, burst)
	}
}

// A crowd of guesses waits in a bounded queue.
func TestAttemptsAreBounded(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "right")+salted(t, "bob", "right"))
	if err := p.check("ann", "right", here); err != nil {
		t.Fatal(err)
	}
	p.reload(t)
	release := p.occupy()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var throttled *Throttled
	for i := range mostSourceAttempts {
		if err := p.Verify(ctx, "bob", fmt.Sprint(i), there); !errors.Is(err, context.Canceled) {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if err := p.check("bob", "one more", there); !errors.As(err, &throttled) || throttled.RetryAfter != time.Second {
		t.Errorf("one source may have more than %d: %v", mostSourceAttempts, err)
	}
	for i := range mostAttempts - mostSourceAttempts {
		if err := p.Verify(ctx, "bob", "x", fmt.Sprintf("198.51.100.%d", i)); !errors.Is(err, context.Canceled) {
			t.Fatalf("source %d: %v", i, err)
		}
	}
	who := p.prove("bob", "right")
	p.current.Load().accounts["bob"].proof.Store(&who) // it is proved meanwhile, and that must not show either
	if err := p.check("bob", "right", "203.0.113.1"); !errors.As(err, &throttled) {
		t.Errorf("more than %d wait: %v", mostAttempts, err)
	}
	if left := p.lockout.sources["203.0.113.1"].left; left != burst {
		t.Errorf("what was not checked was counted: %v left", left)
	}
	if err := p.check("ann", "right", here); err != nil {
		t.Errorf("who signed in before has to queue: %v", err)
	}
	release()
	settle(t, p)
	if left := p.lockout.sources[there].left; left != burst-mostSourceAttempts {
		t.Errorf("guesses whose clients went away count: %v left", left)
	}
}
