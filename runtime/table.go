package runtime

import (
	"math"

	"tabcell/runtime/internal/guest"
)

// A table arrives as the messages of an Arrow IPC stream. The host never joins them: the guest asks
// for the size of the stream and gets it in one piece, in its own memory.

// hasTable reports whether an input is the table, and the call has one.
func (c *call) hasTable(which uint32) bool { return which == guest.InputTable && c.table != nil }

// tableSize returns the size of the stream in bytes. A size beyond the guest's addresses becomes
// the largest one, for which no guest has memory, so that the script ends with a MemoryError.
func (c *call) tableSize() uint32 {
	var n uint64
	for _, piece := range c.table {
		n += uint64(len(piece))
	}
	return uint32(min(n, math.MaxInt32))
}

// copyTable copies at most size bytes of the stream to dst. It returns the number of bytes, or
// noResult.
func (c *call) copyTable(m guest.Memory, dst, size uint32) uint32 {
	n := min(c.tableSize(), size)
	to, ok := m.View(dst, n)
	if !ok {
		return noResult
	}
	c.announce(dst, n)
	for _, piece := range c.table {
		to = to[copy(to, piece):]
	}
	return n
}

// endTable gives up the table of the request. Its memory can then hold the result. The guest does
// not read it again, and it cannot be read by another run, so the call is not repeated from now on.
func (c *call) endTable() {
	if c.releaseTable == nil {
		return
	}
	c.watched, c.table = nil, [][]byte{}
	c.releaseTable()
	c.releaseTable = nil
}

// announce announces that n bytes at dst, which may be outside of the memory, are about to be
// written.
func (c *call) announce(dst, n uint32) {
	if c.fill != nil {
		c.fill(uint64(dst), uint64(dst)+uint64(n))
	}
}
