//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// cowArea is a private mapping of the image, followed by anonymous memory.
type cowArea struct {
	content *content
	span    []byte        // the reserved address space
	mem     []byte        // the part of span that a guest can use
	size    uint64        // of the image
	high    uint64        // end of the longest slice returned since the last reset
	mark    uint64        // no page at or after this offset is private
	tracker *tracker      // nil if private pages cannot be found
	returns returns       // when all private pages are returned
	private uint64        // bytes that are still private after the last reset
	huge    span          // has huge pages since the last reset
	files   []fileMapping // since the last reset
	broken  bool          // a part of the slot may not be mapped
	copied  uint64        // bytes of the patches that are not mapped; they are always private
	open    uint64        // with guards: no byte at or after this offset is accessible
}

// tally is the result of one sweep, in OS pages.
type tally struct {
	private int
	written int
	excess  uint64 // offset from which all pages must be returned to the system
}

// lay maps the base of the image, the patches in the file fd that are not copied, and memory that
// reads as zero after the base. All of it is writable; guard then takes back what is after the image.
func (a *cowArea) lay(baseFD, fd int) error {
	const prot = unix.PROT_READ | unix.PROT_WRITE
	base := len(a.content.base)
	if err := mapOver(a.mem[:base], prot, baseFD, 0, 0); err != nil {
		return fmt.Errorf("mmap of the image: %w", err)
	}
	if base < len(a.mem) {
		if err := mapOver(a.mem[base:], prot, -1, 0, unix.MAP_ANONYMOUS); err != nil {
			return fmt.Errorf("mmap of the growth area: %w", err)
		}
	}
	for _, p := range a.content.patches {
		if !p.mapped {
			continue
		}
		if err := mapOver(a.mem[p.from:p.to], prot, fd, int64(p.at), 0); err != nil {
			return fmt.Errorf("mmap of the image: %w", err)
		}
	}
	// Both calls are advice, and the errors are harmless. With huge pages, one written byte would
	// make 2 MiB to reset. The data of scripts should not be in core dumps.
	_ = unix.Madvise(a.mem, unix.MADV_NOHUGEPAGE)
	_ = unix.Madvise(a.mem, unix.MADV_DONTDUMP)
	return nil
}

// copyPatches copies the patches that are not mapped, from an offset on.
func (a *cowArea) copyPatches(from uint64) {
	for _, p := range a.content.patches {
		if !p.mapped && p.to > from {
			skip := max(p.from, from) - p.from
			copy(a.mem[p.from+skip:p.to], a.content.bytesOf(p)[skip:])
		}
	}
}

func (a *cowArea) extend(n uint64) []byte {
	if !a.openUpTo(n) {
		return nil
	}
	a.high = max(a.high, n)
	a.mark = max(a.mark, n)
	return a.mem[:n:n]
}

// reset copies the image over the written pages, which stay private: copying is about twenty times
// cheaper than the fault at the next write. If private pages cannot be found, or if keeping them
// does not pay off, reset returns all of them to the system instead.
func (a *cowArea) reset() (pages int, err error) {
	pages, err = a.clean()
	return pages, errors.Join(err, a.shut())
}

// clean does reset, except that the memory after the image stays accessible.
func (a *cowArea) clean() (pages int, err error) {
	if err := a.dropFiles(); err != nil {
		return 0, err
	}
	huge, err := a.dropHuge()
	if err != nil {
		return 0, err
	}
	if a.tracker == nil {
		return int(a.mark / reportPage), a.discard(0)
	}
	t, err := a.sweep()
	a.high = a.size
	due := a.returns.due(t.private, max(0, t.private-t.written-int(a.copied/osPage)))
	a.private = min(uint64(t.private)*osPage, maxRetained)
	switch {
	case err != nil, due:
		err = a.discard(0)
	case t.excess < a.mark:
		err = a.discard(t.excess)
	}
	return huge + t.written*int(osPage/reportPage), err
}

// sweep resets all private pages, up to maxRetained bytes.
func (a *cowArea) sweep() (tally, error) {
	t := tally{excess: a.mark}
	visit := func(from, to uint64) { a.resetPages(&t, from, to) }
	err := errors.Join(a.forEachRun(0, a.size, visit), a.forEachRun(a.size, a.mark, visit))
	return t, err
}

// resetPages resets a run of private pages and counts those that have changed since the last reset.
// It compares before it copies: that costs no more than copying, and shows which pages are idle.
func (a *cowArea) resetPages(t *tally, from, to uint64) {
	n := int((to - from) / osPage)
	t.private += n
	if uint64(t.private)*osPage > maxRetained {
		t.excess = min(t.excess, from)
		t.written += n
		return
	}
	for p := from; p < min(to, a.high); p += osPage {
		if page, want := a.mem[p:p+osPage], a.content.page(p); !bytes.Equal(page, want) {
			copy(page, want)
			t.written++
		}
	}
}

// forEachRun calls visit with the offsets of each run of private pages between two offsets, in
// order.
func (a *cowArea) forEachRun(from, to uint64, visit func(from, to uint64)) error {
	base := addressOf(a.mem)
	for from < to {
		// In the growth area, the kernel's shared page of zeros counts as untouched.
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

// discard returns all pages from an offset on to the system. The image and zeros become visible
// again.
func (a *cowArea) discard(from uint64) error {
	if err := unix.Madvise(a.mem[from:a.mark], unix.MADV_DONTNEED); err != nil {
		return fmt.Errorf("returning %d bytes to the system: %w", a.mark-from, err)
	}
	a.copyPatches(from)
	if from == 0 {
		a.returns.done()
		a.private = a.copied
	}
	if a.tracker != nil {
		a.mark = max(from, a.size)
	}
	a.high = a.size
	return nil
}

// verify compares every page of the image, and every private page after it, even those that no
// guest can have reached.
func (a *cowArea) verify() error { return a.whileOpen(a.verifyOpen) }

func (a *cowArea) verifyOpen() error {
	if err := a.sameAsContent(); err != nil {
		return err
	}
	if a.tracker == nil {
		return zeroFrom(a.mem, a.size, a.mark)
	}
	var dirty error
	err := a.forEachRun(a.size, uint64(len(a.mem)), func(from, to uint64) {
		if dirty == nil {
			dirty = zeroFrom(a.mem, from, to)
		}
	})
	return errors.Join(dirty, err)
}

// sameAsContent returns an error if the slot does not begin with the image.
func (a *cowArea) sameAsContent() error {
	for p := uint64(0); p < a.size; p += osPage {
		if n, same := firstDifference(a.mem[p:p+osPage], a.content.page(p)); !same {
			return differsAt(p+uint64(n), "the image")
		}
	}
	return nil
}

func (a *cowArea) resident() (bytes uint64, err error) {
	if a.tracker == nil {
		return 0, fmt.Errorf("linmem: resident memory of a slot: %w", errors.ErrUnsupported)
	}
	visit := func(from, to uint64) { bytes += to - from }
	return bytes, errors.Join(a.forEachRun(0, a.size, visit), a.forEachRun(a.size, a.mark, visit))
}

func (a *cowArea) retained() uint64 { return a.private }

func (a *cowArea) close() error {
	mapped.Add(-a.content.mappings())
	a.unguard()
	err := unix.Munmap(a.span)
	a.freeFiles()
	return err
}
