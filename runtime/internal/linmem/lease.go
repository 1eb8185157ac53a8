package linmem

import (
	"tabcell/runtime/memfile"

	"github.com/tetratelabs/wazero/experimental"
)

// Lease is the memory of one instance. It implements both the allocator with which the instance is
// created and the memory that this allocator returns.
type Lease struct {
	slot      *Slot // nil after the slot was reset or closed
	limit     uint64
	peak      uint64
	allocated bool
	denied    bool
}

var (
	_ experimental.MemoryAllocator = (*Lease)(nil)
	_ experimental.LinearMemory    = (*Lease)(nil)
)

// Allocate implements experimental.MemoryAllocator. It ignores the sizes that the module declares:
// the memory starts with the size of the image, and the lease's limit applies. A second call
// panics, because two memories over one slot would share their bytes.
func (l *Lease) Allocate(_, _ uint64) experimental.LinearMemory {
	if l.allocated {
		panic("linmem: a lease is for one instance")
	}
	l.allocated = true
	return l
}

// Reallocate implements experimental.LinearMemory. It returns the memory with the given size in
// bytes, or with the size of the image if that is larger. It returns nil if size exceeds the limit
// or the lease has ended.
func (l *Lease) Reallocate(size uint64) []byte {
	if l.slot == nil || size > l.limit {
		l.denied = true
		return nil
	}
	size = max(size, l.slot.image.size)
	l.peak = max(l.peak, size)
	return l.slot.area.extend(size)
}

// Fill announces that all bytes between two offsets are about to be written. A large range after the
// image then costs less time, and Reset returns its memory to the system. The content does not
// change. It is advice, and any offsets are allowed.
func (l *Lease) Fill(from, to uint64) {
	if l.slot != nil {
		l.slot.area.fill(from, to)
	}
}

// Map makes the memory have the bytes of a chunk at an offset: most pages of the chunk become those
// of the memory, until Reset, and are copied when the guest writes to them. It returns false, and
// changes nothing, if the slot cannot do that: most of the chunk must be after the image, all of it
// inside the memory, with its bytes at the same offsets in pages as in the memory, and its pages must
// not overlap those of another one.
// After an error, the guest must not run any more.
func (l *Lease) Map(at uint64, c *memfile.Chunk) (bool, error) {
	if l.slot == nil {
		return false, nil
	}
	return l.slot.area.mapFile(at, c)
}

// Origin returns the part of a chunk that Map has put into the memory and whose bytes are those
// between two offsets now, or nil. The caller must free it.
func (l *Lease) Origin(from, to uint64) *memfile.Chunk {
	if l.slot == nil {
		return nil
	}
	return l.slot.area.origin(from, to)
}

// Free implements experimental.LinearMemory. It does nothing: the owner of the slot resets it, and
// a guest that another goroutine closes while it runs must not lose its memory.
func (l *Lease) Free() {}

// Denied reports whether a growth was refused.
func (l *Lease) Denied() bool { return l.denied }

// Peak returns the largest size in bytes that the memory had.
func (l *Lease) Peak() uint64 { return l.peak }
