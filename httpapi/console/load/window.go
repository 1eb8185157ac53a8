package load

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

const (
	// partTime is the time of one part of a window.
	partTime = 5 * time.Minute
	// parts is the number of parts: an hour, and the part that has just begun.
	parts = int64(time.Hour/partTime) + 1
)

// totals sums calls.
type totals struct {
	Calls, Errors uint64
	Time          time.Duration
}

func (t totals) plus(o totals) totals {
	return totals{t.Calls + o.Calls, t.Errors + o.Errors, t.Time + o.Time}
}

// entry has the totals of one key.
type entry struct {
	totals
	label string // to show
}

func (e entry) plus(o entry) entry {
	return entry{e.totals.plus(o.totals), cmp.Or(e.label, o.label)}
}

// window sums calls by key over the last hour. It consists of parts, which expire one by one.
type window[K comparable] struct {
	max   int // keys in each part
	parts [parts]part[K]
}

type part[K comparable] struct {
	number  int64 // of the part since 1970
	entries map[K]entry
}

func newWindow[K comparable](limit int) window[K] { return window[K]{max: limit} }

func partNumber(t time.Time) int64 { return t.Unix() / int64(partTime/time.Second) }

// add adds t to the totals of a key. If the part has too many keys, the one with the least time is
// dropped, so that a flood of small scripts does not hide the large ones.
func (w *window[K]) add(now time.Time, key K, label string, t totals) {
	p := &w.parts[partNumber(now)%parts]
	if number := partNumber(now); p.number != number {
		*p = part[K]{number: number, entries: map[K]entry{}}
	}
	if _, known := p.entries[key]; !known && len(p.entries) >= w.max {
		delete(p.entries, lightest(p.entries))
	}
	p.entries[key] = p.entries[key].plus(entry{t, label})
}

// lightest returns the key with the least time.
func lightest[K comparable](entries map[K]entry) (key K) {
	least := time.Duration(-1)
	for k, e := range entries {
		if least < 0 || e.Time < least {
			key, least = k, e.Time
		}
	}
	return key
}

// sum returns the totals of the last hour, of the keys that match.
func (w *window[K]) sum(now time.Time, matches func(K) bool) map[K]entry {
	all, newest := map[K]entry{}, partNumber(now)
	for _, p := range w.parts {
		if p.number <= newest-parts || p.number > newest {
			continue
		}
		for k, e := range p.entries {
			if matches(k) {
				all[k] = all[k].plus(e)
			}
		}
	}
	return all
}

// heaviest returns at most n keys, those with the most time first.
func heaviest[K cmp.Ordered](entries map[K]entry, n int) []K {
	keys := slices.SortedFunc(maps.Keys(entries), func(a, b K) int {
		return cmp.Or(cmp.Compare(entries[b].Time, entries[a].Time), cmp.Compare(entries[b].Calls, entries[a].Calls), cmp.Compare(a, b))
	})
	return keys[:min(n, len(keys))]
}
