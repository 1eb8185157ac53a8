package linmem

import (
	"errors"
	"sync/atomic"
	"syscall"
)

// mapped is the number of memory mappings of all images and slots. A system limits the mappings of
// a process; beyond the limit, even the Go runtime cannot get memory.
var mapped atomic.Int64

// Mappings returns the number of memory mappings of all images and slots. It is 0 on systems other
// than Linux.
func Mappings() int { return int(mapped.Load()) }

// IsExhausted reports whether err means that the process has no more mappings, address space or
// files. Images and slots that are not in use can then be closed.
func IsExhausted(err error) bool {
	return errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
