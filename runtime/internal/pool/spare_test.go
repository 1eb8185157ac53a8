package pool

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// hold acquires a permit for the owner, holds it for the given time, and reports how long it waited.
func hold(t *testing.T, q *Queue, key string, held time.Duration) (waited time.Duration) {
	t.Helper()
	begin := time.Now()
	release, err := q.Acquire(t.Context(), Owner{Key: key})
	if err != nil {
		t.Errorf("%s: %v", key, err)
		return 0
	}
	waited = time.Since(begin)
	time.Sleep(held)
	release()
	return waited
}

// TestSparePermit checks that an active owner does not wait for the long calls of another owner,
// however many there are, except at first.
func TestSparePermit(t *testing.T) {
	for _, permits := range []int{2, 4} {
		t.Run(fmt.Sprint(permits), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue(permits, 200)
				hold(t, q, "other", time.Millisecond)
				for range 80 {
					go hold(t, q, "flood", 30*time.Second)
				}
				synctest.Wait()
				expectCounts(t, q, permits-1, 81-permits)
				for range 100 {
					if waited := hold(t, q, "other", 50*time.Millisecond); waited > 0 {
						t.Fatalf("the other owner waited for %v", waited)
					}
					time.Sleep(time.Second)
				}
				time.Sleep(2 * activeMemory) // at the next end of a call, the spared permit is used again
				synctest.Wait()
				if q.Running() != permits {
					t.Errorf("without others, %d of %d permits are in use", q.Running(), permits)
				}
				time.Sleep(time.Hour)
				expectCounts(t, q, 0, 0)
			})
		})
	}
}

// TestNothingIsSpared lists the owners that can use all permits.
func TestNothingIsSpared(t *testing.T) {
	for name, before := range map[string]func(t *testing.T, q *Queue){
		"alone":                 func(*testing.T, *Queue) {},
		"others are not active": func(t *testing.T, q *Queue) { hold(t, q, "other", 0); time.Sleep(activeMemory) },
		"its calls are short": func(t *testing.T, q *Queue) {
			hold(t, q, "one", longCall)
			hold(t, q, "other", 0)
		},
		"its last long call was long ago": func(t *testing.T, q *Queue) {
			hold(t, q, "one", longCall+1)
			time.Sleep(longMemory)
			hold(t, q, "other", 0)
		},
		"known only by many others": func(t *testing.T, q *Queue) {
			hold(t, q, "one", 0)
			for i := range maxRecords - 1 {
				hold(t, q, fmt.Sprint(i), 0)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue(2, 10)
				before(t, q)
				for range 2 {
					go hold(t, q, "one", time.Second)
				}
				synctest.Wait()
				expectCounts(t, q, 2, 0)
				time.Sleep(time.Second)
			})
		})
	}
}

// The records of owners are bounded.
func TestSpareRecords(t *testing.T) {
	s := spare{long: map[string]time.Time{}}
	for i := range 3 * maxRecords {
		s.ended(fmt.Sprint(i), time.Hour, time.Now())
	}
	if len(s.long) > maxRecords || !s.mayBeLong("0", time.Now()) {
		t.Errorf("%d records", len(s.long))
	}
}

// With a single permit, or without names, owners only take turns.
func TestSparesNeedPermitsAndNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			key     string
			permits int
		}{{"one", 1}, {"", 3}} {
			q := NewQueue(c.permits, 10)
			hold(t, q, "other", 0)
			for range c.permits {
				go hold(t, q, c.key, time.Minute)
			}
			synctest.Wait()
			expectCounts(t, q, c.permits, 0)
			time.Sleep(time.Minute)
		}
	})
}

// Waiting calls of the sparing owner keep their order, also when the permit is not spared any more.
func TestSparedPermitKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, next := NewQueue(2, 10), make(chan struct{})
		hold(t, q, "other", 0)
		var s served
		s.start(t, q, Owner{Key: "one"}, 3, next) // the first one runs
		time.Sleep(activeMemory)
		s.start(t, q, Owner{Key: "one"}, 1, next) // makes the second one run
		if expectCounts(t, q, 2, 2); !slices.Equal(s.list(), []string{"one", "one"}) {
			t.Errorf("served: %v", s.list())
		}
		close(next)
		synctest.Wait()
		expectCounts(t, q, 0, 0)
	})
}
