package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// This file becomes a part of package time in the program of TestLong and TestClocks; see
// shiftedClock.

// shift points to the difference between the wall clock and that of the machine in nanoseconds. It
// is in a file that the test writes.
var shift = mapShift()

func mapShift() *int64 {
	name, ok := syscall.Getenv("WALL_CLOCK_SHIFT")
	if !ok {
		return new(int64)
	}
	fd, err := syscall.Open(name, syscall.O_RDONLY, 0)
	if err != nil {
		panic("the file of the clock cannot be opened: " + name)
	}
	content, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic("the file of the clock cannot be mapped: " + name)
	}
	return (*int64)(unsafe.Pointer(&content[0]))
}

// shifted returns the wall clock for that of the machine.
func shifted(sec int64, nsec int32) (int64, int32) {
	n := int64(nsec) + atomic.LoadInt64(shift)
	sec, n = sec+n/1e9, n%1e9
	if n < 0 {
		sec, n = sec-1, n+1e9
	}
	return sec, int32(n)
}
