package runtime

import "tabcell/runtime/internal/guest"

// onStream returns f as a function for the descriptors 0, 1 and 2. Others are invalid.
func onStream(f func(guest.Memory, []uint64) bool) wasiFunc {
	return func(_ *call, m guest.Memory, args []uint64) uint64 {
		if uint32(args[0]) > 2 {
			return errnoBadf
		}
		return errnoOf(f(m, args))
	}
}

// characterDevice is the file type of a stream. All other fields of its status are 0: it has no
// flags and no rights.
const characterDevice = 2

// streamStat(fd, dst) writes an fdstat of 24 bytes.
func streamStat(m guest.Memory, args []uint64) bool {
	fdstat := make([]byte, 24)
	fdstat[0] = characterDevice
	return m.Put(uint32(args[1]), fdstat)
}

// streamFilestat(fd, dst) writes a filestat of 64 bytes.
func streamFilestat(m guest.Memory, args []uint64) bool {
	filestat := make([]byte, 64)
	filestat[16] = characterDevice
	return m.Put(uint32(args[1]), filestat)
}

// readStream(fd, iovs, n, dst) reads nothing: standard input is at its end.
func readStream(_ *call, m guest.Memory, args []uint64) uint64 {
	if uint32(args[0]) != 0 {
		return errnoBadf
	}
	return errnoOf(m.PutUint32(uint32(args[3]), 0))
}

// maxVectors is the maximum number of buffers in one write. The C library uses two.
const maxVectors = 1024

// writeStream(fd, iovs, n, dst) keeps printed text up to the limit of the call. It reports all of
// it as written.
func writeStream(c *call, m guest.Memory, args []uint64) uint64 {
	if fd := uint32(args[0]); fd != 1 && fd != 2 {
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
			c.output.write(b)
			written += uint32(len(b))
		}
	}
	return errnoOf(ok && m.PutUint32(uint32(args[3]), written))
}
