//go:build linux && (amd64 || arm64)

package linmem

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// cowStore keeps the image in a sealed file; slots map it privately, so that untouched pages are shared by all of them.
type cowStore struct {
	fd      int
	faults  int    // see leaveNeighbours; -1 where there is none
	view    []byte // read-only
	pagemap pagemap
}

func newStore(mem []byte) (store, error) { return newCowStore(mem, byScan) }

// newCowStore uses the given way of finding private pages, or the next best that this host has. It opens what it will ever need
// at once: the process may forbid itself files later.
func newCowStore(mem []byte, best method) (store, error) {
	fd, err := sealedFile(mem)
	if err != nil {
		return nil, err
	}
	// Private and not shared: kernels before 6.7 refuse every shared mapping of a sealed file, even one that only reads.
	view, err := unix.Mmap(fd, 0, len(mem), unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mmap of the image: %w", err), unix.Close(fd))
	}
	return &cowStore{fd: fd, faults: openFaults(), view: view, pagemap: openPagemap("/proc/self/pagemap", best, view)}, nil
}

func (s *cowStore) bytes() []byte  { return s.view }
func (s *cowStore) method() string { return s.pagemap.method.String() }

func (s *cowStore) close() error {
	err := errors.Join(unix.Munmap(s.view), unix.Close(s.fd), s.pagemap.close())
	if s.faults >= 0 {
		err = errors.Join(err, unix.Close(s.faults))
	}
	return err
}

func (s *cowStore) newArea(reserve uint64) (area, error) {
	span, err := reserveSpan(int(reserve))
	if err != nil {
		return nil, fmt.Errorf("address space: %w", err)
	}
	size := uint64(len(s.view))
	a := &cowArea{image: s.view, span: span, mem: span[:reserve:reserve], size: size, high: size, mark: size, tracker: s.pagemap.tracker()}
	if err := a.lay(s.fd); err != nil {
		return nil, errors.Join(err, unix.Munmap(span))
	}
	leaveNeighbours(s.faults, a.mem[:a.size])
	return a, nil
}

// lay maps the image and behind it memory that reads as zero. All of it can be written at once: the engine checks bounds itself.
func (a *cowArea) lay(fd int) error {
	if err := mapOver(a.mem[:a.size], fd, 0); err != nil {
		return fmt.Errorf("mmap of the image: %w", err)
	}
	if a.size < uint64(len(a.mem)) {
		if err := mapOver(a.mem[a.size:], -1, unix.MAP_ANONYMOUS); err != nil {
			return fmt.Errorf("mmap of the growth area: %w", err)
		}
	}
	// Advice, and no harm where it is refused. A huge page would turn one written byte into 2 MiB to put back, and what
	// scripts work on does not belong into a core file.
	_ = unix.Madvise(a.mem, unix.MADV_NOHUGEPAGE)
	_ = unix.Madvise(a.mem, unix.MADV_DONTDUMP)
	return nil
}

// reserveSpan reserves address space that cannot be touched. A 32-bit address plus a 32-bit offset ends inside it, so that even
// a bounds check gone wrong cannot reach another slot. Where address space is short there is one page behind the slot.
func reserveSpan(reserve int) ([]byte, error) {
	const flags = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE
	span, err := unix.Mmap(-1, 0, 8<<30+PageSize, unix.PROT_NONE, flags)
	if err != nil {
		return unix.Mmap(-1, 0, reserve+PageSize, unix.PROT_NONE, flags)
	}
	return span, nil
}
