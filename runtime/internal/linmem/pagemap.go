//go:build linux && (amd64 || arm64)

package linmem

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// method is a way to find a slot's private pages.
type method uint8

const (
	byRemap   method = iota // not at all: all pages are given back each time
	byPagemap               // an 8-byte entry for each page (Linux 4.2)
	byScan                  // the kernel lists them (PAGEMAP_SCAN, Linux 6.7)
)

func (m method) String() string { return [...]string{"remap", "pagemap", "scan"}[m] }

// pagemap is the process's open page map.
type pagemap struct {
	method method
	fd     int // -1 with byRemap
}

// openPagemap opens the page map at path for the best method that works on probe. A host may hide the file.
func openPagemap(path string, best method, probe []byte) pagemap {
	none := pagemap{fd: -1}
	if best == byRemap {
		return none
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return none
	}
	start := addressOf(probe)
	for m := best; m > byRemap; m-- {
		p := pagemap{method: m, fd: fd}
		if _, _, err := p.tracker().next(start, start+osPage, false); err == nil {
			return p
		}
	}
	_ = unix.Close(fd)
	return none
}

func (p pagemap) close() error {
	if p.fd < 0 {
		return nil
	}
	return unix.Close(p.fd)
}

// tracker makes a tracker with room of its own; nil where private pages cannot be told.
func (p pagemap) tracker() *tracker {
	switch p.method {
	case byScan:
		return &tracker{fd: p.fd}
	case byPagemap:
		return &tracker{fd: p.fd, entries: make([]byte, 32<<10)}
	}
	return nil
}

// run is a run of pages as addresses, laid out as the kernel's struct page_region.
type run struct{ start, end, categories uint64 }

// tracker finds private pages for one slot. It holds its room, so that looking allocates nothing.
type tracker struct {
	fd      int
	arg     scanArg
	runs    [256]run
	entries []byte // nil with byScan
}

// next lists runs of private pages from one address to another, both multiples of the OS page, as far as there is room:
// everything before reached is listed. skipZero leaves pages out that are the kernel's own page of zeros, where it can tell.
func (t *tracker) next(from, to uint64, skipZero bool) (runs []run, reached uint64, err error) {
	if t.entries == nil {
		runs, reached, err = t.scan(from, to, skipZero)
	} else {
		runs, reached, err = t.read(from, to)
	}
	if err == nil && (reached <= from || reached > to) {
		err = fmt.Errorf("the page map stopped at %#x of %#x", reached-from, to-from)
	}
	return runs, reached, err
}

// Bits of a page map entry (Documentation/admin-guide/mm/pagemap.rst).
const (
	entryPresent = 1 << 63
	entrySwapped = 1 << 62
	entryFile    = 1 << 61 // of a file, that is still the image's
)

// read is next by entries.
func (t *tracker) read(from, to uint64) (runs []run, reached uint64, err error) {
	want := min(len(t.entries), int((to-from)/osPage)*8)
	n, err := unix.Pread(t.fd, t.entries[:want], int64(from/osPage*8))
	if err != nil {
		return nil, 0, fmt.Errorf("pagemap: %w", err)
	}
	if n%8 != 0 {
		return nil, 0, errors.New("pagemap: half an entry")
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
