package server

import (
	"context"
	goruntime "runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// idleInterval is the time between two looks at the heap.
	idleInterval = 10 * time.Second
	// idleAllocation is the number of bytes that an idle server allocates in this time at most.
	idleAllocation = 4 << 20
	// idleGarbage is the number of bytes for which a collection is worth its time.
	idleGarbage = 16 << 20
)

// idleCollector returns the garbage of an idle server to the system. Go itself starts no collection
// for two minutes without new allocations, and because of the ballast there is much garbage then.
type idleCollector struct {
	read      func() heapState
	free      func()
	allocated uint64 // at the last look
}

// heapState is the state of the heap in bytes.
type heapState struct {
	allocated uint64 // since the start
	objects   uint64 // live ones and garbage
	live      uint64 // after the last collection
	unused    uint64 // kept from the system for new objects
}

func newIdleCollector() *idleCollector { return &idleCollector{read: readHeap, free: freeHeap} }

// run looks at the heap every idleInterval until ctx is done.
func (c *idleCollector) run(ctx context.Context) {
	ticker := time.NewTicker(idleInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.look()
		}
	}
}

// look frees the garbage if the server was idle since the last look.
func (c *idleCollector) look() {
	s := c.read()
	idle := s.allocated-c.allocated < idleAllocation
	c.allocated = s.allocated
	if idle && s.objects+s.unused > s.live+idleGarbage {
		c.free()
	}
}

// freeHeap returns unused memory to the system. The buffers of a sync.Pool, such as those of gRPC,
// are garbage only in the second collection after their last use.
func freeHeap() {
	goruntime.GC()
	debug.FreeOSMemory()
}

func readHeap() heapState {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(samples)
	at := func(i int) uint64 { return samples[i].Value.Uint64() }
	return heapState{allocated: at(0), objects: at(1), live: at(2), unused: at(3)}
}
