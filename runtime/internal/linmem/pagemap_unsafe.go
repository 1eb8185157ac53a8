//go:build linux && (amd64 || arm64)

package linmem

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// scanArg is the kernel's struct pm_scan_arg (include/uapi/linux/fs.h). The field vec is a Go
// pointer, so that the garbage collector and escape analysis see it; on the architectures of this
// file, pointers have 8 bytes.
type scanArg struct {
	size, flags, start, end, walkEnd uint64
	vec                              *run
	vecLen, maxPages                 uint64
	inverted, mask, anyOf, returned  uint64
}

const (
	pagemapScan   = 0xC0606610 // _IOWR('f', 16, struct pm_scan_arg)
	pageIsFile    = 1 << 2
	pageIsPresent = 1 << 3
	pageIsSwapped = 1 << 4
	pageIsZero    = 1 << 5
)

// scan implements next with PAGEMAP_SCAN. A private page is one that is present or swapped out and
// does not belong to a file. Within the image, a page of zeros may be a change like any other,
// because a kernel that merges equal pages (KSM) may map its page of zeros there.
func (t *tracker) scan(from, to uint64, skipZero bool) (runs []run, reached uint64, err error) {
	excluded := uint64(pageIsFile)
	if skipZero {
		excluded |= pageIsZero
	}
	t.arg = scanArg{
		size: uint64(unsafe.Sizeof(t.arg)), start: from, end: to, vec: &t.runs[0], vecLen: uint64(len(t.runs)),
		inverted: excluded, mask: excluded, anyOf: pageIsPresent | pageIsSwapped, returned: pageIsPresent,
	}
	n, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(t.fd), pagemapScan, uintptr(unsafe.Pointer(&t.arg)))
	if errno != 0 {
		return nil, 0, fmt.Errorf("PAGEMAP_SCAN: %w", errno)
	}
	return t.runs[:n], t.arg.walkEnd, nil
}

// addressOf returns the address of a mapping.
func addressOf(mem []byte) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(mem)))) }

// mapOver replaces a reserved range of addresses by a private mapping of a file at an offset, or,
// with MAP_ANONYMOUS and fd -1, by anonymous memory.
func mapOver(mem []byte, prot, fd int, offset int64, flags int) error {
	const private = unix.MAP_PRIVATE | unix.MAP_FIXED | unix.MAP_NORESERVE
	_, err := unix.MmapPtr(fd, offset, unsafe.Pointer(unsafe.SliceData(mem)), uintptr(len(mem)), prot, flags|private)
	return err
}
