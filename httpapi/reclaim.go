package httpapi

import (
	"runtime/debug"
	"sync/atomic"
	"time"
)

const (
	// reclaimBytes is the number of released bytes after which memory is returned to the system.
	reclaimBytes = 32 << 20

	// reclaimDelay is the time between the release and the return, and so between two returns: under
	// a steady load of large bodies the memory would be needed again at once.
	reclaimDelay = 10 * time.Second
)

// reclaimer returns the memory of large bodies to the system. Go does so by itself only after a
// garbage collection, and without new allocations it starts none for two minutes.
type reclaimer struct {
	free     func() // debug.FreeOSMemory
	after    func(time.Duration, func()) *time.Timer
	released atomic.Int64 // bytes since the last return
	pending  atomic.Bool  // a return has been scheduled
}

func newReclaimer() *reclaimer { return &reclaimer{free: debug.FreeOSMemory, after: time.AfterFunc} }

// add counts released bytes, and schedules a return if they are many.
func (r *reclaimer) add(n int64) {
	if r.released.Add(n) >= reclaimBytes && r.pending.CompareAndSwap(false, true) {
		r.after(reclaimDelay, r.run)
	}
}

func (r *reclaimer) run() {
	r.pending.Store(false)
	r.released.Store(0)
	r.free()
}
