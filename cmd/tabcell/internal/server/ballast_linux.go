package server

import "golang.org/x/sys/unix"

// newBallast returns memory that is never written, so that it uses none. The garbage collector counts
// it as part of the heap, and therefore does not run for a few megabytes of garbage.
func newBallast() [][]byte {
	blocks := make([][]byte, ballastSize/ballastBlock)
	for i := range blocks {
		blocks[i] = make([]byte, ballastBlock)
		// Go writes zeros to addresses that it has used before, which would take all of the memory.
		// The pages read as zero without that.
		_ = unix.Madvise(blocks[i], unix.MADV_DONTNEED)
	}
	return blocks
}
