package runtime

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPendingEngineRefuses(t *testing.T) {
	p := NewPendingEngine(1, time.Millisecond)
	var busy *BusyError
	if _, err := p.Evaluate(t.Context(), Call{}); !errors.As(err, &busy) || busy.RetryAfter != errPreparing.RetryAfter {
		t.Errorf("not started in time: %v", err)
	}
	p.waiting <- struct{}{}
	p.maxWait = time.Hour
	if _, err := p.Evaluate(t.Context(), Call{}); !errors.As(err, &busy) {
		t.Errorf("too many waiting calls: %v", err)
	}
	<-p.waiting
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Evaluate(ctx, Call{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled call: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Evaluate(t.Context(), Call{}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed engine: %v", err)
	}
	if n := len(p.waiting); n != 0 {
		t.Errorf("%d calls still wait", n)
	}
}

func TestPendingEngineFailedStart(t *testing.T) {
	p := NewPendingEngine(1, time.Hour)
	cause := errors.New("no guest")
	if _, err := p.Start(func() (Evaluator, error) { return nil, cause }); err != cause {
		t.Fatal(err)
	}
	if _, err := p.Evaluate(t.Context(), Call{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Evaluate: %v, want ErrClosed", err)
	}
	if p.Ready() == nil {
		t.Error("ready after a failed start")
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestPendingEngineCloseEndsWaits(t *testing.T) {
	p := NewPendingEngine(1, time.Hour)
	done := make(chan error)
	go func() { _, err := p.Evaluate(t.Context(), Call{}); done <- err }()
	for len(p.waiting) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("a call that waited: %v, want ErrClosed", err)
	}
}
