package pool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// served records the owners of the calls in the order in which they got their permits.
type served struct {
	mu     sync.Mutex
	owners []string
}

// start makes n calls of an owner wait. Each of them releases its permit when next has a value.
func (s *served) start(t *testing.T, q *Queue, o Owner, n int, next <-chan struct{}) {
	for range n {
		go func() {
			release, err := q.Acquire(t.Context(), o)
			if err != nil {
				return
			}
			s.mu.Lock()
			s.owners = append(s.owners, o.Key)
			s.mu.Unlock()
			<-next
			release()
		}()
		synctest.Wait()
	}
}

// list returns the owners so far.
func (s *served) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.owners)
}

// TestFlood lets one owner fill its part of the queue. A call of another owner that arrives then
// waits at most two turns, wherever the flood is.
func TestFlood(t *testing.T) {
	for _, permits := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(permits), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, next, other := NewQueue(permits, 200), make(chan struct{}), make(chan struct{})
				var s served
				s.start(t, q, Owner{Key: "flood"}, 80, next)
				for range 5 {
					before := len(s.list())
					s.start(t, q, Owner{Key: "other"}, 1, other)
					for turn := 0; !slices.Contains(s.list()[before:], "other"); turn++ {
						if turn == 2 {
							t.Errorf("after two turns, the other owner still waits: %v", s.list()[before:])
							break
						}
						next <- struct{}{}
						synctest.Wait()
					}
					other <- struct{}{}
				}
				close(next)
				synctest.Wait()
				expectCounts(t, q, 0, 0)
				if len(s.list()) != 85 || len(q.lanes.all) != 0 || q.lanes.order.Len() != 0 {
					t.Errorf("%d calls were served, %d lanes remain", len(s.list()), len(q.lanes.all))
				}
			})
		})
	}
}

// TestLongCalls checks that an owner whose calls are long does not get the permits of an owner
// whose calls are short.
func TestLongCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, long, short := NewQueue(2, 100), make(chan struct{}), make(chan struct{})
		var s served
		s.start(t, q, Owner{Key: "long"}, 10, long)
		s.start(t, q, Owner{Key: "short"}, 10, short)
		long <- struct{}{}
		synctest.Wait()
		for range 9 {
			short <- struct{}{}
			synctest.Wait()
		}
		if got := strings.Join(s.list(), " "); got != "long long"+strings.Repeat(" short", 10) {
			t.Errorf("served: %s", got)
		}
		close(long)
		close(short)
		synctest.Wait()
		expectCounts(t, q, 0, 0)
	})
}

func TestWeights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, next := NewQueue(1, 200), make(chan struct{})
		var s served
		s.start(t, q, Owner{Key: "heavy", Weight: 3}, 45, next)
		s.start(t, q, Owner{Key: "light"}, 15, next)
		for range 40 {
			next <- struct{}{}
			synctest.Wait()
		}
		heavy := strings.Count(strings.Join(s.list()[1:], " "), "heavy")
		if heavy < 29 || heavy > 31 {
			t.Errorf("an owner of weight 3 got %d of 40 turns beside one of weight 1", heavy)
		}
		close(next)
		synctest.Wait()
	})
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		owner      Owner
		queue, max int
	}{
		{Owner{Key: "a"}, 64, 32},
		{Owner{Key: "a"}, 1, 1},
		{Owner{Key: "a"}, 3, 1},
		{Owner{Key: "a", Weight: 3}, 64, 48},
		{Owner{Key: "a", Weight: -1}, 64, 32},
		{Owner{}, 64, 64},
		{Owner{Key: "a"}, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			q, next := NewQueue(1, c.queue), make(chan struct{})
			var s served
			s.start(t, q, Owner{Key: "first"}, 1, next)
			s.start(t, q, c.owner, c.max, next)
			want := ErrShare
			if c.max == c.queue {
				want = ErrFull
			}
			if _, err := q.Acquire(t.Context(), c.owner); !errors.Is(err, want) || q.Share(c.owner) != c.max {
				t.Errorf("%+v: beyond %d calls, Acquire returned %v, want %v; Share returned %d", c.owner, c.max, err, want, q.Share(c.owner))
			}
			if c.max < c.queue {
				s.start(t, q, Owner{Key: "other"}, 1, next)
				expectCounts(t, q, 1, c.max+1)
			}
			close(next)
			synctest.Wait()
			expectCounts(t, q, 0, 0)
		})
	}
}
