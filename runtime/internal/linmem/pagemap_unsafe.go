//go:build linux && (amd64 || arm64)

package linmem

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// scanArg is the kernel's struct pm_scan_arg (include/uapi/linux/fs.h). The pointer is a real one, so that the collector and
// escape analysis see it; the architectures of this file have pointers of 8 bytes.
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

// scan is next by PAGEMAP_SCAN. Private are pages that are there, in memory or swapped out, but not of a file any more.
// In the image's range a page of zeros is a change like any other (a kernel that merges equal pages may put one there).
func (t *tracker) scan(from, to uint64, skipZero bool) (runs []run, reached uint64, err error) {
	not := uint64(pageIsFile)
	if skipZero {
		not |= pageIsZero
	}
	t.arg = scanArg{
		size: uint64(unsafe.Sizeof(t.arg)), start: from, end: to, vec: &t.runs[0], vecLen: uint64(len(t.runs)),
		inverted: not, mask: not, anyOf: pageIsPresent | pageIsSwapped, returned: pageIsPresent,
	}
	n, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(t.fd), pagemapScan, uintptr(unsafe.Pointer(&t.arg)))
	if errno != 0 {
		return nil, 0, fmt.Errorf("PAGEMAP_SCAN: %w", errno)
	}
	return t.runs[:n], t.arg.walkEnd, nil
}

// addressOf is the address of a mapping.
func addressOf(mem []byte) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(mem)))) }

// mapOver replaces a reserved range by private pages of a file from an offset on, or of no file with MAP_ANONYMOUS and fd -1.
func mapOver(mem []byte, prot, fd int, offset int64, flags int) error {
	const private = unix.MAP_PRIVATE | unix.MAP_FIXED | unix.MAP_NORESERVE
	_, err := unix.MmapPtr(fd, offset, unsafe.Pointer(unsafe.SliceData(mem)), uintptr(len(mem)), prot, flags|private)
	return err
}
