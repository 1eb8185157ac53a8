package httpapi

import (
	goruntime "runtime"
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
	free     func() // freeMemory, except in tests
	after    func(time.Duration, func()) *time.Timer
	released atomic.Int64 // bytes since the last return
	pending  atomic.Bool  // a return has been scheduled
}

func newReclaimer() *reclaimer { return &reclaimer{free: freeMemory, after: time.AfterFunc} }

// freeMemory returns unused memory to the system. The buffers of a sync.Pool, such as those of gRPC,
// are garbage only in the second collection after their last use.
func freeMemory() {
	goruntime.GC()
	debug.FreeOSMemory()
}

// add counts released bytes, and schedules a return if they are many.
func (r *reclaimer) add(n int64) {
	if r.released.Add(n) >= reclaimBytes && r.pending.CompareAndSwap(false, true) {
		r.after(reclaimDelay, r.run)
	}
}

// ReleasedMemory counts bytes that another part of the process does not use any more, so that they
// are returned to the system together with those of bodies.
func (a *API) ReleasedMemory(bytes int64) { a.budget.reclaimer.add(bytes) }

func (r *reclaimer) run() {
	r.pending.Store(false)
	r.released.Store(0)
	r.free()
}
