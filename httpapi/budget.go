package httpapi

import "sync"

const (
	// smallRequest is the memory up to which a request may use the reserve for small requests.
	smallRequest = 256 << 10

	// reserveParts is the number of equal parts of the budget, one of which is the reserve.
	reserveParts = 8

	// ownerFactor bounds an owner's part of a pool: at most this many times the free rest. One owner
	// alone can use two thirds of a pool, two can use two fifths each, and so on: some of the pool
	// is always left for the next owner.
	ownerFactor = 2
)

// budget limits the memory of the bodies of requests and responses, counted by the capacity of
// their buffers. It consists of two pools: large requests cannot take the reserve of the small
// ones. Small ones can also use the pool of the large ones.
type budget struct {
	reclaimer *reclaimer // of the large pool

	mu           sync.Mutex // guards the pools and the content of all leases
	small, large pool
}

func newBudget(limit int64) *budget {
	reserve := limit / reserveParts
	return &budget{reclaimer: newReclaimer(), small: newPool(reserve), large: newPool(limit - reserve)}
}

// used returns the number of reserved bytes.
func (b *budget) used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.small.used + b.large.used
}

// state returns the pools with their limits and the number of reserved bytes.
func (b *budget) state() (small, large pool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return pool{limit: b.small.limit, used: b.small.used}, pool{limit: b.large.limit, used: b.large.used}
}

// pool is a number of bytes that owners share.
type pool struct {
	limit, used int64
	owners      map[string]int64 // bytes used, by owner; no zeros
}

func newPool(limit int64) pool { return pool{limit: limit, owners: map[string]int64{}} }

// check returns an error if the owner cannot get n more bytes.
func (p *pool) check(owner string, n int64) error {
	rest := p.limit - p.used - n
	switch {
	case rest < 0:
		return errBudgetExceeded
	case p.owners[owner]+n > ownerFactor*rest:
		return errShareExceeded
	}
	return nil
}

// add changes the number of bytes that the owner uses by n, which may be negative.
func (p *pool) add(owner string, n int64) {
	p.used += n
	if p.owners[owner] += n; p.owners[owner] == 0 {
		delete(p.owners, owner)
	}
}

// memory counts the buffers of something that grows.
type memory interface {
	// reserve counts n more bytes. After an error, which wraps errBudgetExceeded, it has not counted
	// them, and the caller must not allocate them.
	reserve(n int64) error
	// release counts n bytes less.
	release(n int64)
}

// lease is the memory of one request. The zero value with a budget and an owner is empty.
type lease struct {
	budget *budget
	owner  string
	bytes  int64
	large  bool // the bytes count in the large pool
}

func (l *lease) pool() *pool {
	if l.large {
		return &l.budget.large
	}
	return &l.budget.small
}

// reserve implements memory.
func (l *lease) reserve(n int64) error {
	l.budget.mu.Lock()
	defer l.budget.mu.Unlock()
	return l.add(n)
}

// raise makes the lease have at least n bytes.
func (l *lease) raise(n int64) error {
	l.budget.mu.Lock()
	defer l.budget.mu.Unlock()
	if n <= l.bytes {
		return nil
	}
	return l.add(n - l.bytes)
}

// add adds n bytes. The caller holds the lock of the budget.
func (l *lease) add(n int64) error {
	if !l.large && (l.bytes+n > smallRequest || l.budget.small.check(l.owner, n) != nil) {
		return l.enlarge(n)
	}
	if err := l.pool().check(l.owner, n); err != nil {
		return err
	}
	l.pool().add(l.owner, n)
	l.bytes += n
	return nil
}

// enlarge moves the lease to the large pool and adds n bytes.
func (l *lease) enlarge(n int64) error {
	if err := l.budget.large.check(l.owner, l.bytes+n); err != nil {
		return err
	}
	l.budget.small.add(l.owner, -l.bytes)
	l.bytes, l.large = l.bytes+n, true
	l.budget.large.add(l.owner, l.bytes)
	return nil
}

// release implements memory.
func (l *lease) release(n int64) {
	l.budget.mu.Lock()
	defer l.budget.mu.Unlock()
	l.pool().add(l.owner, -n)
	if l.large {
		l.budget.reclaimer.add(n)
	}
	if l.bytes -= n; l.bytes == 0 {
		l.large = false
	}
}

// resize makes the lease have n bytes.
func (l *lease) resize(n int64) error {
	if n > l.bytes {
		return l.reserve(n - l.bytes)
	}
	l.release(l.bytes - n)
	return nil
}

// memory returns the lease of the request. The first call is made after authorization, so that the
// owner is known.
func (req *request) memory() *lease {
	if req.lease == nil {
		req.lease = &lease{budget: req.api.budget, owner: owner(req)}
	}
	return req.lease
}

// releaseMemory gives up the request's body and all other memory of its lease.
func (req *request) releaseMemory() {
	req.script = nil
	if req.lease != nil {
		req.lease.release(req.lease.bytes)
	}
}

// maxUncounted is the size of the responses that are not counted, so that the server answers health
// checks and small requests even if the budget is used up.
const maxUncounted = 4 << 10

// holdResponse reserves the memory of a response in place of that of the request's body, which is
// not needed any more. The response exists already: after an error the caller must drop it.
func (req *request) holdResponse(body []byte) error {
	if cap(body) <= maxUncounted {
		req.releaseMemory()
		return nil
	}
	if err := req.memory().resize(int64(cap(body))); err != nil {
		return err
	}
	req.script = nil
	return nil
}
