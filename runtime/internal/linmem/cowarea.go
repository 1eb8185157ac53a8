//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

const (
	// forgetEvery restores, a slot gives all its private pages back: what is hot is soon private again, the rest is forgotten.
	forgetEvery = 256
	// patience is how many times a private page may be looked at in vain before giving it back would have been cheaper: a fault
	// costs about as much as comparing this many pages.
	patience = 16
)

// cowArea is a private mapping of the image with anonymous memory behind it.
type cowArea struct {
	image    []byte
	span     []byte // everything that is reserved
	mem      []byte // what a guest may ever get: the reserve
	size     uint64 // of the image
	high     uint64 // the longest slice handed out since the last restore
	mark     uint64 // no page from here on is private
	tracker  *tracker
	restores int    // since all was given back
	idle     int    // pages found private but unchanged since then, added up over restores
	holds    uint64 // bytes that are still private after the last restore
}

// tally is what one sweep found, in OS pages.
type tally struct {
	private int
	written int
	over    uint64 // offset from which on all goes back to the system
}

func (a *cowArea) extend(n uint64) []byte {
	a.high = max(a.high, n)
	a.mark = max(a.mark, n)
	return a.mem[:n:n]
}

// restore copies the image over written pages, which then stay private: copying is some twenty times cheaper than the fault that
// the next write would take. All goes back to the system when the pages cannot be told, and when keeping them does not pay.
func (a *cowArea) restore() (pages int, err error) {
	if a.tracker == nil {
		return int(a.mark / reportPage), a.giveBack(0)
	}
	t, err := a.sweep()
	a.high = a.size
	a.restores++
	a.idle += t.private - t.written
	a.holds = min(uint64(t.private)*osPage, keepBytes)
	switch {
	case err != nil, a.restores >= forgetEvery, a.idle > patience*t.private:
		err = a.giveBack(0)
	case t.over < a.mark:
		err = a.giveBack(t.over)
	}
	return t.written * int(osPage/reportPage), err
}

// sweep puts all private pages back, up to keepBytes.
func (a *cowArea) sweep() (tally, error) {
	t := tally{over: a.mark}
	visit := func(from, to uint64) { a.settle(&t, from, to) }
	err := errors.Join(a.each(0, a.size, visit), a.each(a.size, a.mark, visit))
	return t, err
}

// settle puts one run of private pages back, and counts those which were written since the last time. Equal pages are not
// copied: comparing costs no more, and tells which pages are idle.
func (a *cowArea) settle(t *tally, from, to uint64) {
	n := int((to - from) / osPage)
	t.private += n
	if uint64(t.private)*osPage > keepBytes {
		t.over = min(t.over, from)
		t.written += n
		return
	}
	for p := from; p < min(to, a.high); p += osPage {
		if page, want := a.mem[p:p+osPage], a.origin(p); !bytes.Equal(page, want) {
			copy(page, want)
			t.written++
		}
	}
}

// origin is what the page at an offset was before it was written.
func (a *cowArea) origin(offset uint64) []byte {
	if offset < a.size {
		return a.image[offset : offset+osPage]
	}
	return zeros[:osPage]
}

// each calls visit with the offsets of every run of private pages between two offsets, in order.
func (a *cowArea) each(from, to uint64, visit func(from, to uint64)) error {
	base := addressOf(a.mem)
	for from < to {
		// In the growth area a page may be the kernel's page of zeros, which is as good as untouched.
		runs, reached, err := a.tracker.next(base+from, base+to, from >= a.size)
		if err != nil {
			return err
		}
		for _, r := range runs {
			visit(r.start-base, r.end-base)
		}
		from = reached - base
	}
	return nil
}

// giveBack returns all pages from an offset on to the system; the image and zeros show through again.
func (a *cowArea) giveBack(from uint64) error {
	if err := unix.Madvise(a.mem[from:a.mark], unix.MADV_DONTNEED); err != nil {
		return fmt.Errorf("giving %d bytes back: %w", a.mark-from, err)
	}
	if from == 0 {
		a.restores, a.idle, a.holds = 0, 0, 0
	}
	if a.tracker != nil {
		a.mark = max(from, a.size)
	}
	a.high = a.size
	return nil
}

// verify looks at every page of the image, and beyond it at every private page, even at those which no guest can have reached.
func (a *cowArea) verify() error {
	if err := sameAsImage(a.mem, a.image); err != nil {
		return err
	}
	if a.tracker == nil {
		return zeroFrom(a.mem, a.size, a.mark)
	}
	var dirty error
	err := a.each(a.size, uint64(len(a.mem)), func(from, to uint64) {
		if dirty == nil {
			dirty = zeroFrom(a.mem, from, to)
		}
	})
	return errors.Join(dirty, err)
}

func (a *cowArea) resident() (bytes uint64, err error) {
	if a.tracker == nil {
		return 0, fmt.Errorf("linmem: resident memory of a slot: %w", errors.ErrUnsupported)
	}
	visit := func(from, to uint64) { bytes += to - from }
	return bytes, errors.Join(a.each(0, a.size, visit), a.each(a.size, a.mark, visit))
}

func (a *cowArea) kept() uint64 { return a.holds }

func (a *cowArea) release() error { return unix.Munmap(a.span) }
