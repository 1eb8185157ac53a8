package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// TestShare checks that a share admits only its permits, refuses calls beyond its queue with the
// owner whose part is full, and passes a permit on.
func TestShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewShare(1, 4)
		release, err := s.Acquire(t.Context(), Owner{Key: "a"})
		if err != nil {
			t.Fatal(err)
		}
		admitted := make(chan string, 8)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, key := range []string{"a", "a", "b"} {
			go func() {
				if release, err := s.Acquire(ctx, Owner{Key: key}); err == nil {
					admitted <- key
					release()
				}
			}()
			synctest.Wait()
		}
		if s.Running() != 1 || s.Waiting() != 3 || len(admitted) != 0 {
			t.Fatalf("%d run and %d wait, want 1 and 3", s.Running(), s.Waiting())
		}
		busy, ok := errors.AsType[*BusyError](second(s.Acquire(ctx, Owner{Key: "a"})))
		if !ok || busy.Owner != "a" || busy.Share != 2 || busy.RetryAfter <= 0 {
			t.Errorf("a third waiting call of an owner got %+v, want its part of 2", busy)
		}
		go func() { _, _ = s.Acquire(ctx, Owner{Key: "c"}) }()
		synctest.Wait()
		if _, err := s.Acquire(ctx, Owner{Key: "d"}); !errors.Is(err, ErrBusy) {
			t.Errorf("a call beyond the queue got %v, want ErrBusy", err)
		}
		release()
		synctest.Wait()
		if first := <-admitted; first != "b" { // a has had a permit already
			t.Errorf("the next permit went to %s, want b", first)
		}
		cancel()
		synctest.Wait()
		if s.Waiting() != 0 {
			t.Errorf("%d calls wait after they were canceled", s.Waiting())
		}
	})
}
