package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"
)

func TestLateEngineIsAnEvaluator(t *testing.T) {
	l := newLateEngine(1, time.Second)
	if err := l.start(func() (evaluator, error) { return &standIn{StandIn: runtimetest.NewStandIn()}, nil }); err != nil {
		t.Fatal(err)
	}
	runtimetest.Contract(t, l)
}

func TestLateEngineRefuses(t *testing.T) {
	l := newLateEngine(1, time.Millisecond)
	var busy *runtime.BusyError
	if _, err := l.Evaluate(t.Context(), runtime.Call{}); !errors.As(err, &busy) || busy.RetryAfter != errPreparing.RetryAfter {
		t.Errorf("patience at its end: %v", err)
	}
	l.waiting <- struct{}{}
	l.patience = time.Hour
	if _, err := l.Evaluate(t.Context(), runtime.Call{}); !errors.As(err, &busy) {
		t.Errorf("too many: %v", err)
	}
	<-l.waiting
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Evaluate(ctx, runtime.Call{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the client went away: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Evaluate(t.Context(), runtime.Call{}); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if len(l.waiting) != 0 {
		t.Errorf("%d still wait", len(l.waiting))
	}
}

func TestLateEngineThatFails(t *testing.T) {
	l := newLateEngine(1, time.Hour)
	cause := errors.New("no guest")
	if err := l.start(func() (evaluator, error) { return nil, cause }); err != cause {
		t.Fatal(err)
	}
	if _, err := l.Evaluate(t.Context(), runtime.Call{}); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("Evaluate: %v", err)
	}
	if l.Ready() == nil || l.Close() != nil {
		t.Error("ready, or not closed")
	}
}

func TestEngineConfig(t *testing.T) {
	s := settings.Defaults()
	s.Cells = settings.Cells{MemoryMB: 3, OutputMB: 5, Places: 7, Queue: 9, CacheDir: "c", AllowInterpreter: true, Verify: true}
	got := engineConfig(s, runtime.Guest{Name: "g"}, nil)
	if got.Limits != (runtime.Limits{Timeout: 30 * time.Second, Memory: 3 << 20, Output: 5 << 20}) || got.Places != 7 || got.Queue != 9 ||
		got.CacheDir != "c" || !got.AllowInterpreter || !got.Verify || got.Guest.Name != "g" {
		t.Errorf("got %+v", got)
	}
}
