package server

import "golang.org/x/sys/unix"

// newBallast returns memory that is never written, so that it uses none. The garbage collector counts
// it as part of the heap, and therefore does not run for a few megabytes of garbage.
func newBallast() []byte {
	b := make([]byte, ballastSize)
	// Go writes zeros to addresses that it has used before, which would take all of the memory. The
	// pages read as zero without that.
	_ = unix.Madvise(b, unix.MADV_DONTNEED)
	return b
}
