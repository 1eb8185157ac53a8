package load

import (
	"sync"
	"time"
)

// Gauges is the state of the server. The counters are those since its start.
type Gauges struct {
	Running, Waiting int // scripts that run, and that wait for a cell
	Slots            int // memory slots of cells
	Calls            uint64
	Refused          uint64 // calls that found the queue full
	Timeouts         uint64
	Crashes          uint64
	Memory           uint64 // resident memory of the process in bytes; 0 if it is unknown
	Models           int
	ModelBytes       uint64
	BudgetUsed       int64 // bytes of the bodies of requests and responses
	BudgetMax        int64
}

// Call is a finished call of a script or an endpoint.
type Call struct {
	Owner     string // key of the account or the address
	Account   string // name of the owner, to show
	Digest    string // of the script; "" for a query of an endpoint
	FirstLine string // of the script; "" unless it may be shown
	Failed    bool
	Queue     time.Duration
	Cell      time.Duration
	Run       time.Duration
	Copy      time.Duration
}

// inCells is the time for which the call occupied a cell.
func (c Call) inCells() time.Duration { return c.Cell + c.Run + c.Copy }

// Recorder collects the figures. It is safe for concurrent use.
type Recorder struct {
	gauges func() Gauges
	now    func() time.Time

	mu       sync.Mutex
	history  history           // guarded by mu
	current  step              // guarded by mu; calls since the last sample
	scripts  window[scriptKey] // guarded by mu
	accounts window[string]    // guarded by mu; by owner
	latest   Gauges            // guarded by mu
	read     time.Time         // guarded by mu; when latest was read

	streams streams
}

// scriptKey identifies a script of an owner: the text of one account is not shown to another.
type scriptKey struct{ owner, digest string }

// The number of scripts and accounts in each part of a window. Those with the least time are left
// out when there are more.
const (
	maxScripts  = 256
	maxAccounts = 256
)

// New returns a recorder without calls. gauges returns the state of the server; now is time.Now,
// except in tests.
func New(gauges func() Gauges, now func() time.Time) *Recorder {
	return &Recorder{
		gauges: gauges, now: now, streams: newStreams(),
		scripts: newWindow[scriptKey](maxScripts), accounts: newWindow[string](maxAccounts),
	}
}

// Record counts a call.
func (r *Recorder) Record(c Call) {
	now := r.now()
	t := totals{Calls: 1, Time: c.inCells()}
	if c.Failed {
		t.Errors = 1
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current.add(c)
	r.accounts.add(now, c.Owner, c.Account, t)
	if c.Digest != "" {
		r.scripts.add(now, scriptKey{c.Owner, c.Digest}, c.FirstLine, t)
	}
}

// Sample adds the state and the calls since the last sample to the history. Run calls it.
func (r *Recorder) Sample() {
	g, now := r.gauges(), r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history.add(now, g, &r.current)
	r.current = step{}
}

// maxAge is the age up to which one reading of the state serves several clients.
const maxAge = tick / 2

// Now returns the state of the server.
func (r *Recorder) Now() Gauges {
	now := r.now()
	r.mu.Lock()
	latest, age := r.latest, now.Sub(r.read)
	r.mu.Unlock()
	if age >= 0 && age < maxAge {
		return latest
	}
	latest = r.gauges()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latest, r.read = latest, now
	return latest
}

// History returns the history up to now.
func (r *Recorder) History() History {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.history.copy(now)
}

// Script is a script with its calls in the last hour.
type Script struct {
	Digest, FirstLine string
	Calls, Errors     uint64
	Time              time.Duration // in cells
}

// Scripts returns at most n scripts, by the time that they took: those of one owner, or of all if
// owner is "".
func (r *Recorder) Scripts(owner string, n int) []Script {
	r.mu.Lock()
	entries := r.scripts.sum(r.now(), func(k scriptKey) bool { return owner == "" || k.owner == owner })
	r.mu.Unlock()
	merged := map[string]entry{} // of all owners
	for k, e := range entries {
		merged[k.digest] = merged[k.digest].plus(e)
	}
	var all []Script
	for _, digest := range heaviest(merged, n) {
		e := merged[digest]
		all = append(all, Script{digest, e.label, e.Calls, e.Errors, e.Time})
	}
	return all
}

// Account is an account, or an address, with its calls in the last hour.
type Account struct {
	Name          string
	Calls, Errors uint64
	Time          time.Duration // in cells
}

// Accounts returns at most n accounts, by the time that their calls took: one, or all if owner is
// "".
func (r *Recorder) Accounts(owner string, n int) []Account {
	r.mu.Lock()
	entries := r.accounts.sum(r.now(), func(k string) bool { return owner == "" || k == owner })
	r.mu.Unlock()
	var all []Account
	for _, key := range heaviest(entries, n) {
		e := entries[key]
		all = append(all, Account{e.label, e.Calls, e.Errors, e.Time})
	}
	return all
}
