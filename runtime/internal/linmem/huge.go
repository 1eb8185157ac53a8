//go:build linux && (amd64 || arm64)

package linmem

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const (
	// hugePage is the size of a huge page on amd64, and on arm64 with pages of 4 KiB. Where it is
	// another one, only the ends of a range have small pages.
	hugePage = 2 << 20
	// minFill is the size in bytes from which a range gets huge pages.
	minFill = 4 << 20
)

// span is a range of offsets. The zero value is empty.
type span struct{ from, to uint64 }

// fill gives a range huge pages: one fault in place of 512. It does so for one range of a run, which
// reset returns to the system as a whole, so that later runs have small pages again.
func (a *cowArea) fill(from, to uint64) {
	base := addressOf(a.mem)
	from = (base+max(from, a.size)+hugePage-1)&^(hugePage-1) - base
	to = (base+min(to, a.high))&^(hugePage-1) - base
	if a.huge.to > 0 || len(a.files) > 0 || to < from+minFill || to > a.high {
		return
	}
	// The parts of a mapping can become one again only if it has had a page before it was split.
	_ = unix.Madvise(a.mem[from:from+osPage], unix.MADV_POPULATE_WRITE)
	if unix.Madvise(a.mem[from:to], unix.MADV_HUGEPAGE) == nil {
		a.huge = span{from, to}
	}
}

// dropHuge returns the range with huge pages to the system. It returns the number of its pages.
func (a *cowArea) dropHuge() (pages int, err error) {
	if a.huge.to == 0 {
		return 0, nil
	}
	mem := a.mem[a.huge.from:a.huge.to]
	if err := unix.Madvise(mem, unix.MADV_DONTNEED); err != nil {
		return 0, fmt.Errorf("returning %d bytes of huge pages to the system: %w", len(mem), err)
	}
	_ = unix.Madvise(mem, unix.MADV_NOHUGEPAGE) // advice, as in lay
	a.huge = span{}
	return len(mem) / reportPage, nil
}
