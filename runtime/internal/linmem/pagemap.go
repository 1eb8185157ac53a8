//go:build linux && (amd64 || arm64)

package linmem

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// method is a method of finding the private pages of a slot.
type method uint8

const (
	byRemap   method = iota // none: all pages are returned to the system at each reset
	byPagemap               // from the page map, which has 8 bytes for each page (Linux 4.2)
	byScan                  // from the ioctl PAGEMAP_SCAN (Linux 6.7)
)

func (m method) String() string { return [...]string{"remap", "pagemap", "scan"}[m] }

// pagemap is the open page map of the process.
type pagemap struct {
	method method
	fd     int // -1 with byRemap
}

// openPagemap opens the page map at path. It returns -1 if that is not possible: on some hosts the
// file does not exist or is not readable.
func openPagemap(path string) int {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return fd
}

// selectMethod returns a page map with the best method, up to the given one, that works for the
// pages of probe. fd is the open file, or -1.
func selectMethod(fd int, best method, probe []byte) pagemap {
	start := addressOf(probe)
	for m := best; m > byRemap && fd >= 0; m-- {
		p := pagemap{method: m, fd: fd}
		if _, _, err := p.newTracker().next(start, start+osPage, false); err == nil {
			return p
		}
	}
	return pagemap{fd: -1}
}

// newTracker returns a new tracker, or nil if private pages cannot be found.
func (p pagemap) newTracker() *tracker {
	switch p.method {
	case byScan:
		return &tracker{fd: p.fd}
	case byPagemap:
		return &tracker{fd: p.fd, entries: make([]byte, 32<<10)}
	}
	return nil
}

// run is a range of addresses of pages. Its layout is that of the kernel's struct page_region.
type run struct{ start, end, _ uint64 }

// tracker finds the private pages of one slot. It contains its buffers, so that next does not
// allocate.
type tracker struct {
	fd      int
	arg     scanArg
	runs    [256]run
	entries []byte // buffer for page map entries; nil with byScan
}

// next returns the runs of private pages between two addresses, which are multiples of an OS page.
// If the buffer is full, it stops early: the runs are complete up to the address reached. If
// skipZero is set, it omits pages that are the kernel's shared page of zeros, if the method can
// recognize them.
func (t *tracker) next(from, to uint64, skipZero bool) (runs []run, reached uint64, err error) {
	if t.entries == nil {
		runs, reached, err = t.scan(from, to, skipZero)
	} else {
		runs, reached, err = t.read(from, to)
	}
	if err == nil && (reached <= from || reached > to) {
		err = fmt.Errorf("the page map ended after %#x of %#x bytes", reached-from, to-from)
	}
	return runs, reached, err
}

// Bits of a page map entry (Documentation/admin-guide/mm/pagemap.rst).
const (
	entryPresent = 1 << 63
	entrySwapped = 1 << 62
	entryFile    = 1 << 61 // belongs to a file, so it is still the page of the image
)

// read implements next by reading page map entries.
func (t *tracker) read(from, to uint64) (runs []run, reached uint64, err error) {
	want := min(len(t.entries), int((to-from)/osPage)*8)
	n, err := unix.Pread(t.fd, t.entries[:want], int64(from/osPage*8))
	if err != nil {
		return nil, 0, fmt.Errorf("pagemap: %w", err)
	}
	if n%8 != 0 {
		return nil, 0, errors.New("pagemap: incomplete entry")
	}
	runs, reached = t.runs[:0], from
	for e := t.entries[:n]; len(e) > 0; e, reached = e[8:], reached+osPage {
		v := binary.NativeEndian.Uint64(e)
		if v&(entryPresent|entrySwapped) == 0 || v&entryFile != 0 {
			continue
		}
		if k := len(runs) - 1; k >= 0 && runs[k].end == reached {
			runs[k].end += osPage
		} else if len(runs) < cap(runs) {
			runs = append(runs, run{start: reached, end: reached + osPage})
		} else {
			break
		}
	}
	return runs, reached, nil
}
