package httpapi

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

// take returns a lease of the owner with n bytes, or nil if it does not get them.
func (b *budget) take(owner string, n int64) *lease {
	l := &lease{budget: b, owner: owner}
	if l.reserve(n) != nil {
		return nil
	}
	return l
}

// However many owners take all they can get, something is left for the next one.
func TestBudgetShares(t *testing.T) {
	const limit, step = 800 << 20, 1 << 20
	b := newBudget(limit)
	for i, want := range []int64{466, 155, 52, 17, 6} { // two thirds of the rest of 700 MiB each
		l := &lease{budget: b, owner: fmt.Sprint(i)}
		var err error
		for err == nil {
			err = l.reserve(step)
		}
		if got := l.bytes >> 20; got < want-1 || got > want+1 {
			t.Errorf("owner %d got %d MiB, want %d", i, got, want)
		}
		if !errors.Is(err, errShareExceeded) || !errors.Is(err, errBudgetExceeded) {
			t.Errorf("owner %d: error %v, want %v", i, err, errShareExceeded)
		}
		if again := b.take(fmt.Sprint(i), step); again != nil {
			t.Errorf("owner %d got more with another request", i)
		}
	}
}

// Large requests cannot take the reserve of small ones, and one owner of small requests cannot take
// all of it.
func TestReserveForSmallRequests(t *testing.T) {
	b := newBudget(80 << 20)
	for i := range 100 {
		for b.take(fmt.Sprint("large ", i), smallRequest+1) != nil {
		}
	}
	small := 0
	for b.take("small", smallRequest) != nil {
		small++
	}
	if reserve := 10 << 20 / smallRequest; small < reserve/2 || small > reserve*3/4 {
		t.Errorf("%d small requests of one owner in a reserve of %d", small, reserve)
	}
	if b.take("another", smallRequest) == nil {
		t.Error("nothing was left for another owner")
	}
}

func TestLeaseMovesBetweenPools(t *testing.T) {
	b := newBudget(80 << 20)
	l := b.take("a", 1000)
	if b.small.used != 1000 || b.large.used != 0 {
		t.Fatalf("small %d, large %d", b.small.used, b.large.used)
	}
	if err := l.resize(smallRequest + 1); err != nil || b.small.used != 0 || b.large.used != smallRequest+1 {
		t.Fatalf("error %v, small %d, large %d", err, b.small.used, b.large.used)
	}
	if err := l.resize(79 << 20); err == nil || b.used() != smallRequest+1 {
		t.Fatalf("error %v, used %d; a refused reservation must change nothing", err, b.used())
	}
	l.release(l.bytes)
	if b.used() != 0 || len(b.small.owners)+len(b.large.owners) != 0 || l.large {
		t.Errorf("used %d, owners %v %v", b.used(), b.small.owners, b.large.owners)
	}
}

// The limits hold at every moment, and nothing is left at the end.
func TestBudgetConcurrently(t *testing.T) {
	const limit = 8 << 20
	b := newBudget(limit)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for range 2000 {
				l := &lease{budget: b, owner: fmt.Sprint(i % 3)}
				for range 3 {
					_ = l.resize(random.Int64N(2 << 20))
					if used := b.used(); used < 0 || used > limit {
						t.Errorf("%d of %d bytes are used", used, limit)
					}
				}
				l.release(l.bytes)
			}
		})
	}
	group.Wait()
	if b.used() != 0 || len(b.small.owners)+len(b.large.owners) != 0 {
		t.Errorf("used %d, owners %v %v", b.used(), b.small.owners, b.large.owners)
	}
}
