package runtime

import "tabcell/runtime/internal/guest"

// maxVectors is the maximum number of buffers in one write. The C library uses two.
const maxVectors = 1024

// writeStream(fd, iovs, n, dst) keeps printed text up to the limit of the call. It reports all of
// it as written.
func writeStream(c *call, m guest.Memory, args []uint64) uint64 {
	printed := &c.output
	switch uint32(args[0]) {
	case 1:
	case 2:
		printed = c.errors
	default:
		return errnoBadf
	}
	if uint32(args[2]) > maxVectors {
		return errnoInval
	}
	vectors, ok := m.View(uint32(args[1]), uint32(args[2])*8)
	written := uint32(0)
	for ; ok && len(vectors) > 0; vectors = vectors[8:] {
		var b []byte
		if b, ok = m.View(word(vectors), word(vectors[4:])); ok {
			printed.write(b)
			written += uint32(len(b))
		}
	}
	return errnoOf(ok && m.PutUint32(uint32(args[3]), written))
}
