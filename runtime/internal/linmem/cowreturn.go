//go:build linux && (amd64 || arm64)

package linmem

const (
	// maxResets is the number of resets after which a slot returns all private pages to the system.
	// Hot pages soon become private again; the others stay shared.
	maxResets = 512
	// maxIdleChecks limits how often idle private pages may be compared, per private page, before
	// all are returned. A fault costs about as much as comparing this many pages.
	maxIdleChecks = 16
	// maxPatience is the maximum factor by which maxIdleChecks increases.
	maxPatience = 16
)

// returns decides when a slot returns all its private pages to the system. Each reset makes the slot
// equal to the image, with and without a return.
type returns struct {
	resets   int // since the last return
	idle     int // sum over these resets of the private pages that were found unchanged
	before   int // private pages at the last return
	patience int // factor of maxIdleChecks; 0 means 1
}

// due counts a reset that has found private pages, of which idle were unchanged, and reports whether
// all are to be returned now. Scripts write to many pages without changing them, for example when a
// reference count rises and falls again. Such pages look idle, but become private in the next run, at
// the price of a fault. So if there are as many private pages as at the last return, the next one is
// due later.
func (r *returns) due(private, idle int) bool {
	r.resets++
	r.idle += idle
	patience := max(1, r.patience)
	if private > 2*r.before {
		patience = 1 // the pages of a large run are idle in those after it
	}
	if r.resets < maxResets && r.idle <= patience*maxIdleChecks*private {
		return false
	}
	r.patience = 1
	if 4*private >= 3*r.before && private <= 2*r.before {
		r.patience = min(2*patience, maxPatience)
	}
	r.before = private
	return true
}

// done starts to count again, after all private pages have been returned.
func (r *returns) done() { r.resets, r.idle = 0, 0 }
