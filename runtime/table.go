package runtime

import (
	"fmt"
	"math"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/memfile"
)

// A table arrives as the messages of an Arrow IPC stream. The host never joins them: the guest asks
// for the size of the stream and gets it in one piece, in its own memory. Bodies of large tables are
// files, which the cell maps there; a result shares what the script has not changed.

// cellMemory is the memory of a cell; see pool.Worker.
type cellMemory interface {
	Fill(from, to uint64)
	Map(at uint64, c *memfile.Chunk) (bool, error)
	Origin(from, to uint64) *memfile.Chunk
}

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
	if len(c.tableFiles) == 0 {
		c.announce(dst, n)
	} else {
		memfile.Expect(uint64(dst))
	}
	at := uint64(dst)
	for i := range c.table {
		if !c.mapPiece(i, at, len(to)) {
			copy(to, c.table[i])
		}
		used := min(len(to), len(c.table[i]))
		to, at = to[used:], at+uint64(used)
	}
	return n
}

// mapPiece reports whether the cell has mapped a piece of the table at an address, where it has room
// for size bytes.
func (c *call) mapPiece(i int, at uint64, size int) bool {
	chunk := c.tableFiles[i]
	if chunk == nil || c.cell == nil || size < len(c.table[i]) {
		return false
	}
	if err := chunk.Align(at); err == nil {
		c.table[i] = chunk.ReadOnlyData()
	}
	mapped, err := c.cell.Map(at, chunk)
	if err != nil {
		panic(&stop{fmt.Errorf("%w: %w", ErrCrash, err)})
	}
	if !mapped {
		c.cell.Fill(at, at+uint64(len(c.table[i])))
	}
	return mapped
}

// minShared is the size in bytes from which a piece of the result is searched for in the table of
// the request.
const minShared = 64 << 10

// writeTable passes the bytes b at src to the receiver of the result. If they are still those of the
// request's table, both share them.
func (c *call) writeTable(src uint64, b []byte) {
	c.endTable()
	var part *memfile.Chunk
	if len(b) >= minShared && c.cell != nil {
		part = c.cell.Origin(src, src+uint64(len(b)))
	}
	var err error
	if part != nil {
		err = c.tableReply.WriteChunk(part)
	} else {
		err = c.tableReply.Write(b)
	}
	if err != nil {
		panic(&stop{err})
	}
}

// endTable gives up the table of the request. Its memory can then hold the result. The guest does
// not read it again, and it cannot be read by another run, so the call is not repeated from now on.
func (c *call) endTable() {
	if c.releaseTable == nil {
		return
	}
	c.watched, c.table, c.tableFiles = nil, [][]byte{}, nil
	c.releaseTable()
	c.releaseTable = nil
}

// announce announces that n bytes at dst, which may be outside of the memory, are about to be
// written.
func (c *call) announce(dst, n uint32) {
	if c.cell != nil {
		c.cell.Fill(uint64(dst), uint64(dst)+uint64(n))
	}
}
