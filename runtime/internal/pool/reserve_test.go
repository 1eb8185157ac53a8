package pool

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestReserve checks that an owner who was not active does not wait for the long calls of another,
// which have all permits already.
func TestReserve(t *testing.T) {
	for _, permits := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(permits), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue(permits, 200)
				q.AddReserve()
				flood(t, q, permits)
				for range 10 {
					if waited := hold(t, q, "other", 50*time.Millisecond); waited > 0 {
						t.Fatalf("the other owner waited for %v", waited)
					}
				}
				time.Sleep(time.Hour)
				expectCounts(t, q, 0, 0)
			})
		})
	}
}

// flood makes an owner take all permits with long calls, and fill its part of the queue.
func flood(t *testing.T, q *Queue, permits int) {
	t.Helper()
	for range 40 {
		go hold(t, q, "flood", 30*time.Second)
	}
	synctest.Wait()
	expectCounts(t, q, permits, 40-permits)
}

// TestReserveIsShared checks that several owners take turns with the reserve permit, that there is
// only one, and that its owner has no second call beside it.
func TestReserveIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(2, 200)
		q.AddReserve()
		flood(t, q, 2)
		for _, key := range []string{"a", "b", "a", "b", "c"} {
			go func() {
				if waited := hold(t, q, key, 50*time.Millisecond); waited > time.Second {
					t.Errorf("%s waited for %v", key, waited)
				}
			}()
		}
		synctest.Wait()
		expectCounts(t, q, 3, 42)
		time.Sleep(time.Second)
		expectCounts(t, q, 2, 38)
		time.Sleep(time.Hour)
		expectCounts(t, q, 0, 0)
	})
}

// TestNoReserve lists the cases in which the reserve permit stays unused.
func TestNoReserve(t *testing.T) {
	for name, c := range map[string]struct {
		reserve bool
		running []string
		key     string
	}{
		"not added":                {false, []string{"a", "a"}, "b"},
		"the owner has the others": {true, []string{"a", "a"}, "a"},
		"two owners have them":     {true, []string{"a", "b"}, "c"},
		"without an owner":         {true, []string{"a", "a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue(2, 10)
				if c.reserve {
					q.AddReserve()
				}
				for _, key := range c.running {
					go hold(t, q, key, time.Second)
					synctest.Wait()
				}
				if waited := hold(t, q, c.key, 0); waited < time.Second {
					t.Errorf("the call waited for %v only", waited)
				}
			})
		})
	}
}
