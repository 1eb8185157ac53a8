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

func acquire(t *testing.T, q *Queue) (release func()) {
	t.Helper()
	release, err := q.Acquire(t.Context())
	if err != nil {
		t.Errorf("no place: %v", err)
		return func() {}
	}
	return release
}

func counts(t *testing.T, q *Queue, running, waiting int) {
	t.Helper()
	if q.Running() != running || q.Waiting() != waiting {
		t.Errorf("%d running, %d waiting; want %d, %d", q.Running(), q.Waiting(), running, waiting)
	}
}

// usable fails unless exactly so many places can be had.
func usable(t *testing.T, q *Queue, places int) {
	t.Helper()
	var all []func()
	for range places {
		all = append(all, acquire(t, q))
	}
	counts(t, q, places, 0)
	for _, release := range all {
		release()
	}
	counts(t, q, 0, 0)
}

func TestFullIsSaidAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(2, 3)
		first, second := acquire(t, q), acquire(t, q)
		for range 3 {
			go func() { acquire(t, q)() }()
		}
		synctest.Wait()
		counts(t, q, 2, 3)
		if _, err := q.Acquire(t.Context()); !errors.Is(err, ErrFull) {
			t.Errorf("got %v, want %v", err, ErrFull)
		}
		first()
		second()
		synctest.Wait()
		usable(t, q, 2)
	})
}

func TestNobodyMayWait(t *testing.T) {
	for _, q := range []*Queue{NewQueue(1, 0), NewQueue(0, -1)} {
		release := acquire(t, q)
		if _, err := q.Acquire(t.Context()); !errors.Is(err, ErrFull) {
			t.Errorf("got %v, want %v", err, ErrFull)
		}
		release()
		usable(t, q, 1)
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
				if release, err := q.Acquire(ctx); err == nil {
					order = append(order, i)
					release()
				}
			}()
			synctest.Wait() // it stands in line now
			if i%3 == 0 {
				cancel()
			}
			defer cancel()
		}
		synctest.Wait()
		counts(t, q, 1, 66)
		release()
		synctest.Wait()
		for n, i := range order {
			if want := n/2*3 + n%2 + 1; i != want {
				t.Fatalf("number %d served is %d, want %d", n, i, want)
			}
		}
		if len(order) != 66 {
			t.Errorf("%d served, want 66", len(order))
		}
	})
}

// TestNobodyOvertakes: a place that comes back belongs to the waiter, even before the waiter runs.
func TestNobodyOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 1)
		release := acquire(t, q)
		go acquire(t, q)
		synctest.Wait()
		release()
		counts(t, q, 1, 0)
	})
}

func TestReleaseTwice(t *testing.T) {
	q := NewQueue(2, 0)
	first, _ := acquire(t, q), acquire(t, q)
	first()
	first()
	counts(t, q, 1, 0)
}

func TestCallerGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 1)
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		release := acquire(t, q)
		result := make(chan error)
		go func() {
			_, err := q.Acquire(ctx)
			result <- err
		}()
		synctest.Wait()
		cancel(gone)
		if err := <-result; err != gone {
			t.Errorf("got %v, want the cause", err)
		}
		counts(t, q, 1, 0)
		release()
		if _, err := q.Acquire(ctx); err != gone {
			t.Errorf("a caller that is gone got %v", err)
		}
		usable(t, q, 1)
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 2)
		release := acquire(t, q)
		result := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := q.Acquire(context.Background())
				result <- err
			}()
		}
		synctest.Wait()
		q.Close()
		q.Close()
		for range 2 {
			if err := <-result; !errors.Is(err, ErrClosed) {
				t.Errorf("a waiter got %v", err)
			}
		}
		release()
		if _, err := q.Acquire(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("a newcomer got %v", err)
		}
		counts(t, q, 0, 0)
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(2, 0)
		if err := q.Drain(t.Context()); err != nil {
			t.Fatalf("nobody runs: %v", err)
		}
		first, second := acquire(t, q), acquire(t, q)
		q.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("two run: %v", err)
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
			t.Error("drained while one runs")
		}
		second()
		synctest.Wait()
		if n := drained.Load(); n != 3 {
			t.Errorf("%d of 3 know that all places are back", n)
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
			for range 3 { // the average of equal times is that time
				release := acquire(t, q)
				time.Sleep(tc.held)
				release()
			}
			out := []func(){acquire(t, q), acquire(t, q)}
			for range tc.waiting {
				go func() { acquire(t, q)() }()
			}
			synctest.Wait()
			if got := q.RetryAfter(); got != tc.want {
				t.Errorf("held %v, %d wait: %v, want %v", tc.held, tc.waiting, got, tc.want)
			}
			for _, release := range out {
				release()
			}
			synctest.Wait()
		})
	}
}

func TestRetryAfterFollowsTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 0)
		for _, held := range []time.Duration{time.Second, 30 * time.Second} {
			for range 50 {
				release := acquire(t, q)
				time.Sleep(held)
				release()
			}
			if got := q.RetryAfter(); got < held || got > held+time.Second {
				t.Errorf("held %v lately, but retry after %v", held, got)
			}
		}
	})
}

// TestHammer mixes releases, cancellations and refusals. Never more places than there are may be out, and none may be lost.
func TestHammer(t *testing.T) {
	defer goleak.VerifyNone(t)
	const places, callers, rounds = 3, 16, 300
	q := NewQueue(places, callers/2)
	var out atomic.Int32
	var served, refused, left atomic.Int64
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for range callers {
		wg.Go(func() {
			<-begin
			for range rounds {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(200))*time.Microsecond)
				release, err := q.Acquire(ctx)
				switch {
				case err == nil:
					if n := out.Add(1); n > places {
						t.Errorf("%d places of %d are out", n, places)
					}
					time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
					served.Add(1)
					out.Add(-1)
					release()
				case errors.Is(err, ErrFull):
					refused.Add(1)
				case errors.Is(err, context.DeadlineExceeded):
					left.Add(1)
				default:
					t.Error(err)
				}
				cancel()
			}
		})
	}
	close(begin)
	wg.Wait()
	if served.Load() == 0 || refused.Load() == 0 || left.Load() == 0 {
		t.Errorf("%d served, %d refused, %d left: not a mixture", served.Load(), refused.Load(), left.Load())
	}
	usable(t, q, places)
}

// TestPlaceAndCancelAtOnce makes the race of a place that comes with a caller that goes, over and over.
func TestPlaceAndCancelAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t)
	q := NewQueue(1, 1)
	for range 500 {
		release := acquire(t, q)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if release, err := q.Acquire(ctx); err == nil {
				release()
			}
		})
		for q.Waiting() == 0 {
			goruntime.Gosched()
		}
		wg.Go(cancel)
		wg.Go(release)
		wg.Wait()
		counts(t, q, 0, 0)
	}
	usable(t, q, 1)
}
