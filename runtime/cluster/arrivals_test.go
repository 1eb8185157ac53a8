package cluster

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
)

// entriesTo returns the entries of the log from one index to another.
func entriesTo(first, last uint64) (all []*raft.Log) {
	for i := first; i <= last; i++ {
		all = append(all, &raft.Log{Index: i})
	}
	return all
}

// The age of an entry is the time since it arrived, to a second.
func TestArrivals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a arrivals
		check := func(index uint64, want time.Duration, known bool) {
			t.Helper()
			if age, ok := a.age(index); age != want || ok != known {
				t.Errorf("entry %d: %v, %v; want %v, %v", index, age, ok, want, known)
			}
		}
		check(1, 0, false)
		a.note(entriesTo(10, 12))
		time.Sleep(arrivalStep / 2)
		a.note(entriesTo(13, 13))
		time.Sleep(10 * time.Second)
		a.note(entriesTo(14, 15))
		time.Sleep(time.Second)
		first := 11*time.Second + arrivalStep/2
		check(9, 0, false) // before the start of the process
		check(10, first, true)
		check(13, first, true)
		check(14, time.Second, true)
		check(15, time.Second, true)
		check(16, 0, false)
		a.note(entriesTo(15, 15)) // the next leader has another entry
		check(13, first, true)
		check(15, 0, true)
		for i := range uint64(maxArrivals) {
			time.Sleep(arrivalStep)
			a.note(entriesTo(100+i, 100+i))
		}
		check(13, 0, false)
		check(100, (maxArrivals-1)*arrivalStep, true)
		if len(a.marks) != maxArrivals {
			t.Errorf("%d marks", len(a.marks))
		}
	})
}
