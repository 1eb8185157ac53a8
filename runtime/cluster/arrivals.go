package cluster

import (
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// arrivals knows when the entries of the log arrived at this node, since the start of the process. The
// times in the entries are those of the leader's wall clock, which may differ and jump. It is safe
// for concurrent use.
type arrivals struct {
	mu    sync.Mutex
	first uint64 // index of the first entry that was noted; 0 = none
	marks []arrival
}

// arrival means that all entries up to an index were there within arrivalStep of a time.
type arrival struct {
	index uint64
	at    time.Time // with its monotonic part
}

const (
	arrivalStep = time.Second
	maxArrivals = 3600
)

// note notes that entries were stored.
func (a *arrivals) note(entries []*raft.Log) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(entries) == 0 {
		return
	}
	first, last := entries[0].Index, entries[len(entries)-1].Index
	if a.first == 0 || first < a.first {
		a.first = first
	}
	for len(a.marks) > 0 && a.marks[len(a.marks)-1].index >= first { // entries of another leader
		a.marks = a.marks[:len(a.marks)-1]
	}
	if n := len(a.marks); n > 0 && time.Since(a.marks[n-1].at) < arrivalStep {
		a.marks[n-1].index = last
		return
	}
	a.marks = append(a.marks, arrival{last, time.Now()})
	if len(a.marks) > maxArrivals {
		a.first = a.marks[0].index + 1
		a.marks = slices.Delete(a.marks, 0, 1)
	}
}

// age returns the time since an entry arrived, and false if that is not known.
func (a *arrivals) age(index uint64) (time.Duration, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i, _ := slices.BinarySearchFunc(a.marks, index, func(m arrival, index uint64) int {
		if m.index < index {
			return -1
		}
		return 1
	})
	if a.first == 0 || index < a.first || i == len(a.marks) {
		return 0, false
	}
	return time.Since(a.marks[i].at), true
}
