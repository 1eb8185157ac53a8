package linmem

import "github.com/tetratelabs/wazero/experimental"

// Lease is one instance's memory. It is the allocator to instantiate with, and the memory that this allocator hands out.
type Lease struct {
	slot   *Slot // nil once the slot was restored or released
	limit  uint64
	peak   uint64
	taken  bool
	denied bool
}

var (
	_ experimental.MemoryAllocator = (*Lease)(nil)
	_ experimental.LinearMemory    = (*Lease)(nil)
)

// Allocate implements experimental.MemoryAllocator. What the module asks for does not matter: the memory starts at the image's
// size and ends at the lease's own cap. Two memories over one slot would share their bytes, so that a second call panics.
func (l *Lease) Allocate(_, _ uint64) experimental.LinearMemory {
	if l.taken {
		panic("linmem: a lease is for one instance")
	}
	l.taken = true
	return l
}

// Reallocate implements experimental.LinearMemory: the memory at size bytes or at the image's size, whichever is more; nil
// above the cap, and always after the lease has ended.
func (l *Lease) Reallocate(size uint64) []byte {
	if l.slot == nil || size > l.limit {
		l.denied = true
		return nil
	}
	size = max(size, l.slot.image.size)
	l.peak = max(l.peak, size)
	return l.slot.area.extend(size)
}

// Free implements experimental.LinearMemory. It does nothing: the slot's owner restores it, and a guest that another goroutine
// closes while it runs must not lose the memory under its feet.
func (l *Lease) Free() {}

// Denied reports whether a growth was refused.
func (l *Lease) Denied() bool { return l.denied }

// Peak is the largest size in bytes that the memory had.
func (l *Lease) Peak() uint64 { return l.peak }
