package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// waitInPending makes a call wait for an engine that is being started, and returns its result.
func waitInPending(ctx context.Context, p *PendingEngine, o Owner) <-chan error {
	done, before := make(chan error, 1), p.engine.queue.Waiting()
	go func() { _, err := p.Evaluate(ctx, Call{Owner: o}); done <- err }()
	for p.engine.queue.Waiting() == before {
		time.Sleep(time.Millisecond)
	}
	return done
}

func TestPendingEngineRefuses(t *testing.T) {
	if _, err := NewPendingEngine(1, time.Millisecond).Evaluate(t.Context(), Call{}); !errors.Is(err, ErrPreparing) || errors.Is(err, ErrBusy) {
		t.Errorf("not started in time: %v", err)
	}
	p := NewPendingEngine(1, time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	waits := waitInPending(ctx, p, Owner{})
	if _, err := p.Evaluate(t.Context(), Call{}); !errors.Is(err, ErrPreparing) {
		t.Errorf("too many waiting calls: %v", err)
	}
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Errorf("canceled call: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Evaluate(t.Context(), Call{}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed engine: %v", err)
	}
	if n := p.engine.queue.Waiting(); n != 0 {
		t.Errorf("%d calls still wait", n)
	}
}

// TestPendingEngineOwners fills the part of the waits that one owner may have. Another owner's
// calls still wait, and are served.
func TestPendingEngineOwners(t *testing.T) {
	p := NewPendingEngine(4, time.Hour)
	flood, other := Owner{Key: "address 192.0.2.1"}, Owner{Key: "account Basic ann"}
	var done []<-chan error
	for range 2 {
		done = append(done, waitInPending(t.Context(), p, flood))
	}
	limited, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for name, call := range map[string]func() error{
		"Evaluate":   func() error { _, err := p.Evaluate(limited, Call{Owner: flood}); return err },
		"QueryModel": func() error { _, err := p.QueryModel(limited, Model{}, Call{Owner: flood}); return err },
		"LoadModel":  func() error { _, err := p.LoadModel(WithOwner(limited, flood), Model{}); return err },
	} {
		if err := call(); !errors.Is(err, ErrPreparing) {
			t.Errorf("%s beyond half of the waits returned %v", name, err)
		}
	}
	done = append(done, waitInPending(t.Context(), p, other))
	engine := newEngine(t, nil)
	if _, err := p.Start(func() (Evaluator, error) { return engine, nil }); err != nil {
		t.Fatal(err)
	}
	for _, d := range done {
		if err := <-d; errors.Is(err, ErrPreparing) || errors.Is(err, ErrClosed) {
			t.Errorf("a call that waited: %v", err)
		}
	}
}

// TestPendingEngineEstimate refuses calls at once while the start is estimated to take long.
func TestPendingEngineEstimate(t *testing.T) {
	p := NewPendingEngine(4, time.Hour)
	waits := waitInPending(t.Context(), p, Owner{})
	p.Report(Progress{Guest: "core", Left: 10 * time.Second})
	p.Report(Progress{Guest: "full", Left: 41 * time.Second})
	for range 2 { // the call that waited, and a new one
		err := <-waits
		if preparing, ok := errors.AsType[*PreparingError](err); !ok || preparing.Guest != "full" || preparing.Seconds() > 41 || preparing.Seconds() < 11 {
			t.Errorf("a call beside a long start returned %v", err)
		}
		refused := make(chan error, 1)
		_, err = p.Evaluate(t.Context(), Call{})
		refused <- err
		waits = refused
	}
	if preparing, ok := errors.AsType[*PreparingError](p.Ready()); !ok || preparing.Left == 0 {
		t.Errorf("Ready returned %v", p.Ready())
	}
	p.Report(Progress{Guest: "full", Left: maxStartWait * 3 / 4})
	waits = waitInPending(t.Context(), p, Owner{})
	p.Report(Progress{Guest: "full", Left: maxStartWait}) // a wait goes on, but none begins
	if _, err := p.Evaluate(t.Context(), Call{}); !errors.Is(err, ErrPreparing) {
		t.Errorf("a call that would wait too long returned %v", err)
	}
	if n := p.engine.queue.Waiting(); n != 1 {
		t.Errorf("%d calls wait, want 1", n)
	}
	p.EndWaits()
	if err := <-waits; !errors.Is(err, ErrClosed) {
		t.Errorf("a call that waited until the end: %v", err)
	}
}

// TestPendingEngineWaits checks how long calls wait: for two thirds of their limit while there are
// estimates, and up to the limit without.
func TestPendingEngineWaits(t *testing.T) {
	for name, c := range map[string]struct {
		left time.Duration
		want time.Duration
	}{"compiling": {10 * time.Second, 20 * time.Second}, "loading": {0, 30 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			p := NewPendingEngine(1, 30*time.Second)
			ticks := time.NewTicker(time.Second)
			defer ticks.Stop()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				for {
					p.Report(Progress{Guest: "core", Left: c.left})
					select {
					case <-ticks.C:
					case <-ctx.Done():
						return
					}
				}
			}()
			begun := time.Now()
			if _, err := p.Evaluate(ctx, Call{}); !errors.Is(err, ErrPreparing) || time.Since(begun) != c.want {
				t.Errorf("%s: ended after %v with %v, want %v", name, time.Since(begun), err, c.want)
			}
		})
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

// TestPendingEngineCloseDuringStart closes an engine whose start ends afterwards.
func TestPendingEngineCloseDuringStart(t *testing.T) {
	p := NewPendingEngine(1, time.Hour)
	waits := waitInPending(t.Context(), p, Owner{})
	engine := newEngine(t, nil)
	e, err := p.Start(func() (Evaluator, error) {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		return engine, nil
	})
	if e != nil || !errors.Is(err, ErrClosed) {
		t.Errorf("Start returned %v, error %v; want ErrClosed", e, err)
	}
	if err := <-waits; !errors.Is(err, ErrClosed) {
		t.Errorf("a call that waited: %v, want ErrClosed", err)
	}
	if _, err := evaluate(engine, "c"); !errors.Is(err, ErrClosed) {
		t.Errorf("the engine that came too late is not closed: %v", err)
	}
}
