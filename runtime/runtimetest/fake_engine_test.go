package runtimetest

import (
	"context"
	"testing"

	"tabcell/runtime"
)

func TestFakeEngineContract(t *testing.T) { Contract(t, NewFakeEngine()) }

func TestFakeEngineCounters(t *testing.T) {
	s := NewFakeEngine()
	started := make(chan struct{})
	s.On("wait", Blocks(started))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		_, err := s.Evaluate(ctx, runtime.Call{ID: "a", Body: []byte(`{"script": "wait", "data": {}}`)})
		done <- err
	}()
	<-started
	if s.Running() != 1 || s.Last().ID != "a" {
		t.Fatalf("running %d, last %q", s.Running(), s.Last().ID)
	}
	cancel()
	if err := <-done; err != context.Canceled {
		t.Fatalf("error %v", err)
	}
	if s.Running() != 0 || s.Calls() != 1 || s.Cancelled() != 1 {
		t.Fatalf("running %d, calls %d, cancelled %d", s.Running(), s.Calls(), s.Cancelled())
	}
}
