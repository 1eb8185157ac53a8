package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// permit acquires a permit, which must be free.
func permit(t *testing.T, q *Queue, key string) *Permit {
	t.Helper()
	p, err := q.AcquirePermit(t.Context(), Owner{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func expectSuspended(t *testing.T, q *Queue, running, waiting, suspended int) {
	t.Helper()
	expectCounts(t, q, running, waiting)
	if n := q.Suspended(); n != suspended {
		t.Errorf("%d permits are suspended, want %d", n, suspended)
	}
}

// TestSuspend suspends a permit for which another call waits, and resumes it before calls that have
// not begun.
func TestSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 8)
		first := permit(t, q, "a")
		var order []string
		started := make(chan *Permit, 1)
		go func() { started <- permit(t, q, "b") }()
		synctest.Wait()
		expectSuspended(t, q, 1, 1, 0)
		if !first.Suspend(0) {
			t.Fatal("the permit was not suspended")
		}
		second := <-started
		expectSuspended(t, q, 1, 0, 1)
		for _, key := range []string{"c", "d"} {
			go func() {
				p := permit(t, q, key)
				order = append(order, key)
				p.Release()
			}()
			synctest.Wait()
		}
		go func() {
			first.Resume(t.Context())
			order = append(order, "a")
			first.Release()
		}()
		synctest.Wait()
		expectSuspended(t, q, 1, 2, 1)
		second.Release()
		synctest.Wait()
		if got := fmt.Sprint(order); got != "[a c d]" {
			t.Errorf("the calls went on in the order %s", got)
		}
		expectSuspended(t, q, 0, 0, 0)
		expectAllFree(t, q, 1)
	})
}

// TestSuspendLimit suspends more permits than the limit.
func TestSuspendLimit(t *testing.T) {
	q := NewQueue(3, 0)
	q.LimitSuspended(2, 100)
	a, b, c := permit(t, q, "a"), permit(t, q, "b"), permit(t, q, "c")
	if !a.Suspend(0) || !b.Suspend(0) || c.Suspend(0) {
		t.Error("the limit does not hold")
	}
	expectSuspended(t, q, 1, 0, 2)
	a.Resume(t.Context())
	if !c.Suspend(0) {
		t.Error("a resumed permit still counts")
	}
	b.Resume(t.Context())
	c.Resume(t.Context())
	if a.Suspend(101) || !a.Suspend(60) || b.Suspend(41) || !b.Suspend(40) {
		t.Error("the limit of the memory does not hold")
	}
	a.Resume(t.Context())
	b.Resume(t.Context())
	if !b.Suspend(100) {
		t.Error("the memory of a resumed permit still counts")
	}
	b.Resume(t.Context())
	for _, p := range []*Permit{a, b, c} {
		p.Release()
		p.Release()
	}
	expectSuspended(t, q, 0, 0, 0)
	expectAllFree(t, q, 3)
}

// TestForcedResume lets the context of a suspended call end while no permit is free. The call goes
// on at once, and the next calls wait until there are as many as permits again.
func TestForcedResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 8)
		first := permit(t, q, "a")
		first.Suspend(0)
		second := permit(t, q, "b")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		first.Resume(ctx)
		if took := time.Since(begun); took != time.Second {
			t.Errorf("the call went on after %v", took)
		}
		expectSuspended(t, q, 2, 0, 0)
		done := make(chan struct{})
		go func() { permit(t, q, "c").Release(); close(done) }()
		synctest.Wait()
		first.Release()
		synctest.Wait()
		expectSuspended(t, q, 1, 1, 0)
		second.Release()
		<-done
		expectAllFree(t, q, 1)
	})
}

// TestDrainWithSuspended checks that a suspended call can end after Close, and that Drain waits for
// it.
func TestDrainWithSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(2, 8)
		p, other := permit(t, q, "a"), permit(t, q, "b")
		q.Close()
		drained := false
		go func() {
			if err := q.Drain(t.Context()); err != nil {
				t.Error(err)
			}
			drained = true
		}()
		synctest.Wait()
		p.Suspend(0)
		other.Release()
		synctest.Wait()
		if drained || q.Drain(canceledContext()) == nil {
			t.Error("a suspended call counts as ended")
		}
		p.Resume(t.Context())
		synctest.Wait()
		if drained {
			t.Error("a running call counts as ended")
		}
		p.Release()
		synctest.Wait()
		if !drained {
			t.Error("Drain does not return")
		}
		if _, err := q.AcquirePermit(t.Context(), Owner{}); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

func canceledContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// TestSuspendHammer suspends and resumes permits from many goroutines, some of which are canceled.
// No more calls than permits may run, except for those whose context has ended.
func TestSuspendHammer(t *testing.T) {
	const permits = 3
	q := NewQueue(permits, 1000)
	q.LimitSuspended(10, 100)
	var mu sync.Mutex
	running := 0
	change := func(n int, over bool) {
		mu.Lock()
		defer mu.Unlock()
		if running += n; running > permits && !over {
			t.Errorf("%d calls run", running)
		}
	}
	var group sync.WaitGroup
	for caller := range 50 {
		group.Go(func() {
			for i := range 40 {
				p := permit(t, q, fmt.Sprint(caller%5))
				change(1, false)
				for range i % 4 {
					change(-1, true)
					if p.Suspend(0) {
						p.Resume(t.Context())
					}
					change(1, false)
				}
				change(-1, true)
				p.Release()
			}
		})
	}
	group.Wait()
	expectSuspended(t, q, 0, 0, 0)
	expectAllFree(t, q, permits)
	if len(q.lanes.all) != 0 {
		t.Errorf("%d lanes are left", len(q.lanes.all))
	}
}
