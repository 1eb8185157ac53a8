//go:build !linux

package server

// newBallast returns memory that is never written. The garbage collector counts it as part of the
// heap, and therefore does not run for a few megabytes of garbage.
func newBallast() [][]byte { return [][]byte{make([]byte, ballastSize)} }
