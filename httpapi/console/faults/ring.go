package faults

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Entry is a failed call.
type Entry struct {
	ID        string // call ID
	Time      time.Time
	Class     string // of the exception, or the name of the limit that ended the call
	Line      int    // of the script, from 1; 0 if it is unknown
	Account   string // to show
	Owner     string // key of the account or the address; decides who may see the entry
	Endpoint  string // "" for a script
	Route     string
	Status    int
	Limit     string // the limit that was exceeded, or ""
	Digest    string // of the script, or ""
	Message   string // of the exception; "" unless it may be shown
	Traceback string // likewise
}

// Limits of the entries.
const (
	// Max is the number of entries.
	Max = 500
	// maxName and maxText limit the texts of an entry in bytes, so that all take 4 MB at most.
	maxName = 200
	maxText = 2 << 10
)

// MinID is the number of characters of a call ID that identify an entry.
const MinID = 8

// Ring has the last failures. It is safe for concurrent use.
type Ring struct {
	mu      sync.Mutex
	entries []Entry        // guarded by mu; oldest first
	counts  map[string]int // guarded by mu; entries by owner, no zeros
}

// New returns a ring without entries.
func New() *Ring { return &Ring{counts: map[string]int{}} }

// Add adds an entry. If there are too many, the oldest of the owner with the most entries is
// dropped, so that the failures of one client do not drive out those of others.
func (r *Ring) Add(e Entry) {
	e.shorten()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, e)
	r.counts[e.Owner]++
	if len(r.entries) > Max {
		r.drop(r.largestOwner())
	}
}

// shorten cuts the texts to their limits. It copies them, because they may be parts of larger texts.
func (e *Entry) shorten() {
	for _, text := range []*string{&e.ID, &e.Class, &e.Account, &e.Owner, &e.Endpoint, &e.Route, &e.Limit, &e.Digest} {
		*text = cut(*text, maxName)
	}
	e.Message, e.Traceback = cut(e.Message, maxText), cut(e.Traceback, maxText)
}

func cut(text string, limit int) string {
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return strings.Clone(text)
}

// largestOwner returns the owner with the most entries, and the first of them in the ring if there
// are several. The caller holds r.mu.
func (r *Ring) largestOwner() string {
	owner, most := "", 0
	for i := range r.entries {
		if n := r.counts[r.entries[i].Owner]; n > most {
			owner, most = r.entries[i].Owner, n
		}
	}
	return owner
}

// drop drops the oldest entry of an owner. The caller holds r.mu.
func (r *Ring) drop(owner string) {
	i := slices.IndexFunc(r.entries, func(e Entry) bool { return e.Owner == owner })
	r.entries = slices.Delete(r.entries, i, i+1)
	if r.counts[owner]--; r.counts[owner] == 0 {
		delete(r.counts, owner)
	}
}

// Query selects entries.
type Query struct {
	Owner  string // "" for those of all
	Search string // part of the call ID, class, account, endpoint or limit; "" for all
	Before string // only entries older than the one with this call ID; "" for all
	Limit  int    // number of entries
}

// List returns entries, the newest first, and whether there are more. It returns none if the entry
// of Before has been dropped.
func (r *Ring) List(q Query) (list []Entry, more bool) {
	search := strings.ToLower(q.Search)
	r.mu.Lock()
	defer r.mu.Unlock()
	begun := q.Before == ""
	for _, e := range slices.Backward(r.entries) {
		visible := q.Owner == "" || e.Owner == q.Owner
		switch {
		case !visible:
		case !begun:
			begun = e.ID == q.Before
		case !e.contains(search):
		case len(list) == q.Limit:
			return list, true
		default:
			list = append(list, e)
		}
	}
	return list, false
}

// contains reports whether a text that can be searched contains search, which is in lower case.
func (e *Entry) contains(search string) bool {
	return search == "" || slices.ContainsFunc([]string{e.ID, e.Class, e.Account, e.Endpoint, e.Limit}, func(text string) bool {
		return strings.Contains(strings.ToLower(text), search)
	})
}

// Find returns the newest entry of an owner, or of all if owner is "", whose call ID begins with id.
// id must have at least MinID characters, because people read out the beginning of an ID.
func (r *Ring) Find(owner, id string) (Entry, bool) {
	if len(id) < MinID {
		return Entry{}, false
	}
	id = strings.ToLower(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range slices.Backward(r.entries) {
		if strings.HasPrefix(e.ID, id) && (owner == "" || e.Owner == owner) {
			return e, true
		}
	}
	return Entry{}, false
}
