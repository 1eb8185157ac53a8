package httpapi

import "sync/atomic"

// budget counts the bytes of bodies and answers in memory. A body is counted while it grows, so that many large requests together
// are refused before they exhaust the process; an answer is counted when it exists, so that clients who do not fetch their answers
// keep new requests out instead of filling the memory.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take counts n more bytes, and reports whether all of them together are within the budget.
func (b *budget) reserve(n int64) bool { return b.used.Add(n) <= b.limit }

func (b *budget) release(n int64) { b.used.Add(-n) }

// hold counts n bytes for this exchange until it ends; errCrowded when they are too many.
func (req *request) reserve(n int64) error {
	req.reserved += n
	if !req.api.budget.reserve(n) {
		return errBudgetExceeded
	}
	return nil
}
