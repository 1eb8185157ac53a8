package pool

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// acquire gets a permit, which must be free.
func acquire(t *testing.T, q *Queue) (release func()) {
	t.Helper()
	release, err := q.Acquire(t.Context(), Owner{})
	if err != nil {
		t.Errorf("Acquire: %v", err)
		return func() {}
	}
	return release
}

func expectCounts(t *testing.T, q *Queue, running, waiting int) {
	t.Helper()
	if q.Running() != running || q.Waiting() != waiting {
		t.Errorf("%d running, %d waiting; want %d, %d", q.Running(), q.Waiting(), running, waiting)
	}
}

// expectAllFree checks that all permits can be acquired and released.
func expectAllFree(t *testing.T, q *Queue, permits int) {
	t.Helper()
	var releases []func()
	for range permits {
		releases = append(releases, acquire(t, q))
	}
	expectCounts(t, q, permits, 0)
	for _, release := range releases {
		release()
	}
	expectCounts(t, q, 0, 0)
}

func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(2, 3)
		first, second := acquire(t, q), acquire(t, q)
		for range 3 {
			go func() { acquire(t, q)() }()
		}
		synctest.Wait()
		expectCounts(t, q, 2, 3)
		if _, err := q.Acquire(t.Context(), Owner{}); !errors.Is(err, ErrFull) {
			t.Errorf("got %v, want %v", err, ErrFull)
		}
		first()
		second()
		synctest.Wait()
		expectAllFree(t, q, 2)
	})
}

func TestNoWaiting(t *testing.T) {
	for _, q := range []*Queue{NewQueue(1, 0), NewQueue(0, -1)} {
		release := acquire(t, q)
		if _, err := q.Acquire(t.Context(), Owner{}); !errors.Is(err, ErrFull) {
			t.Errorf("got %v, want %v", err, ErrFull)
		}
		release()
		expectAllFree(t, q, 1)
	}
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 100)
		release := acquire(t, q)
		var order []int
		for i := range 100 {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				if release, err := q.Acquire(ctx, Owner{}); err == nil {
					order = append(order, i)
					release()
				}
			}()
			synctest.Wait() // until it waits in the queue
			if i%3 == 0 {
				cancel()
			}
			defer cancel()
		}
		synctest.Wait()
		expectCounts(t, q, 1, 66)
		release()
		synctest.Wait()
		for n, i := range order {
			if want := n/2*3 + n%2 + 1; i != want {
				t.Fatalf("caller %d was served as number %d, want caller %d", i, n, want)
			}
		}
		if len(order) != 66 {
			t.Errorf("%d callers were served, want 66", len(order))
		}
	})
}

// TestReleaseToWaiter checks that a released permit belongs to the waiter even before the waiter's
// goroutine runs.
func TestReleaseToWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 1)
		release := acquire(t, q)
		go acquire(t, q)
		synctest.Wait()
		release()
		expectCounts(t, q, 1, 0)
	})
}

func TestReleaseTwice(t *testing.T) {
	q := NewQueue(2, 0)
	first, _ := acquire(t, q), acquire(t, q)
	first()
	first()
	expectCounts(t, q, 1, 0)
}

func TestCancelledWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 1)
		cause := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		release := acquire(t, q)
		result := make(chan error)
		go func() {
			_, err := q.Acquire(ctx, Owner{})
			result <- err
		}()
		synctest.Wait()
		cancel(cause)
		if err := <-result; err != cause {
			t.Errorf("got %v, want %v", err, cause)
		}
		expectCounts(t, q, 1, 0)
		release()
		if _, err := q.Acquire(ctx, Owner{}); err != cause {
			t.Errorf("with a cancelled context: got %v, want %v", err, cause)
		}
		expectAllFree(t, q, 1)
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 2)
		release := acquire(t, q)
		result := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := q.Acquire(context.Background(), Owner{})
				result <- err
			}()
		}
		synctest.Wait()
		q.Close()
		q.Close()
		for range 2 {
			if err := <-result; !errors.Is(err, ErrClosed) {
				t.Errorf("a waiter got %v, want %v", err, ErrClosed)
			}
		}
		release()
		if _, err := q.Acquire(t.Context(), Owner{}); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: got %v, want %v", err, ErrClosed)
		}
		expectCounts(t, q, 0, 0)
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(2, 0)
		if err := q.Drain(t.Context()); err != nil {
			t.Fatalf("Drain of an idle queue: %v", err)
		}
		first, second := acquire(t, q), acquire(t, q)
		q.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain with two permits in use: %v", err)
		}
		var drained atomic.Int32
		for range 3 {
			go func() {
				if err := q.Drain(t.Context()); err == nil {
					drained.Add(1)
				}
			}()
		}
		synctest.Wait()
		first()
		synctest.Wait()
		if drained.Load() != 0 {
			t.Error("Drain returned while a permit was in use")
		}
		second()
		synctest.Wait()
		if n := drained.Load(); n != 3 {
			t.Errorf("%d of 3 calls of Drain returned", n)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		held    time.Duration
		waiting int
		want    time.Duration
	}{
		{0, 0, time.Second},
		{time.Millisecond, 8, time.Second},
		{time.Second, 0, time.Second},
		{4 * time.Second, 0, 2 * time.Second},
		{4 * time.Second, 3, 8 * time.Second},
		{2100 * time.Millisecond, 1, 3 * time.Second},
		{30 * time.Second, 9, time.Minute},
		{1e6 * time.Hour, 9, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := NewQueue(2, 10)
			for range 3 { // the average of equal durations is that duration
				release := acquire(t, q)
				time.Sleep(tc.held)
				release()
			}
			releases := []func(){acquire(t, q), acquire(t, q)}
			for range tc.waiting {
				go func() { acquire(t, q)() }()
			}
			synctest.Wait()
			if got := q.RetryAfter(); got != tc.want {
				t.Errorf("held for %v, %d waiting: got %v, want %v", tc.held, tc.waiting, got, tc.want)
			}
			for _, release := range releases {
				release()
			}
			synctest.Wait()
		})
	}
}

func TestRetryAfterAdapts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 0)
		for _, held := range []time.Duration{time.Second, 30 * time.Second} {
			for range 50 {
				release := acquire(t, q)
				time.Sleep(held)
				release()
			}
			if got := q.RetryAfter(); got < held || got > held+time.Second {
				t.Errorf("permits were held for %v, RetryAfter returned %v", held, got)
			}
		}
	})
}

// TestHammer mixes releases, cancellations and refusals. The number of permits in use must never
// exceed the number of permits, and none may be lost.
func TestHammer(t *testing.T) {
	defer goleak.VerifyNone(t)
	const permits, callers, rounds = 3, 16, 300
	q := NewQueue(permits, callers/2)
	var running atomic.Int32
	var served, refused, cancelled atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for n := range callers {
		owner := Owner{Key: string(rune('a' + n%4)), Weight: n % 4}
		wg.Go(func() {
			<-start
			for range rounds {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(200))*time.Microsecond)
				release, err := q.Acquire(ctx, owner)
				switch {
				case err == nil:
					if n := running.Add(1); n > permits {
						t.Errorf("%d of %d permits are in use", n, permits)
					}
					time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
					served.Add(1)
					running.Add(-1)
					release()
				case errors.Is(err, ErrFull), errors.Is(err, ErrShare):
					refused.Add(1)
				case errors.Is(err, context.DeadlineExceeded):
					cancelled.Add(1)
				default:
					t.Error(err)
				}
				cancel()
			}
		})
	}
	close(start)
	wg.Wait()
	if served.Load() == 0 || refused.Load() == 0 || cancelled.Load() == 0 {
		t.Errorf("%d served, %d refused, %d cancelled: want some of each", served.Load(), refused.Load(), cancelled.Load())
	}
	expectAllFree(t, q, permits)
}

// TestReleaseAndCancel releases a permit and cancels the waiter at the same time, many times.
func TestReleaseAndCancel(t *testing.T) {
	defer goleak.VerifyNone(t)
	q := NewQueue(1, 1)
	for range 500 {
		release := acquire(t, q)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if release, err := q.Acquire(ctx, Owner{}); err == nil {
				release()
			}
		})
		for q.Waiting() == 0 {
			goruntime.Gosched()
		}
		wg.Go(cancel)
		wg.Go(release)
		wg.Wait()
		expectCounts(t, q, 0, 0)
	}
	expectAllFree(t, q, 1)
}
