package httpapi

import "sync/atomic"

// budget counts the bytes of bodies and answers in memory. A body is counted while it grows, so that many large requests together
// are refused before they exhaust the process; an answer is counted when it exists, so that clients who do not fetch their answers
// keep new requests out instead of filling the memory.
type budget struct {
	most int64
	held atomic.Int64
}

// take counts n more bytes, and reports whether all of them together are within the budget.
func (b *budget) take(n int64) bool { return b.held.Add(n) <= b.most }

func (b *budget) give(n int64) { b.held.Add(-n) }

// hold counts n bytes for this exchange until it ends; errCrowded when they are too many.
func (x *exchange) hold(n int64) error {
	x.held += n
	if !x.api.budget.take(n) {
		return errCrowded
	}
	return nil
}
