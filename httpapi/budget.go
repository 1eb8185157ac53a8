package httpapi

import "sync/atomic"

// budget limits the total size of the request bodies and responses in memory. A body is counted
// while it grows, so that many large requests are refused before they exhaust the memory. A
// response is counted once it exists, so that clients that do not fetch their responses keep out
// new requests rather than fill the memory.
type budget struct {
	limit int64
	used  atomic.Int64
}

// reserve adds n bytes to the total and reports whether the total is within the limit. The bytes
// are added in either case.
func (b *budget) reserve(n int64) bool { return b.used.Add(n) <= b.limit }

func (b *budget) release(n int64) { b.used.Add(-n) }

// reserve reserves n bytes until the request ends. It returns errBudgetExceeded if the total
// exceeds the limit.
func (req *request) reserve(n int64) error {
	req.reserved += n
	if !req.api.budget.reserve(n) {
		return errBudgetExceeded
	}
	return nil
}
