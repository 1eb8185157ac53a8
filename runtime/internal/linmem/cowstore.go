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
	layers  []layer // what shows where: the whole image, in order
	faults  int     // see leaveNeighbours; -1 where there is none
	view    []byte  // read-only
	pagemap pagemap
	lent    bool // faults and pagemap are another store's
}

// layer is a part of an image, from one offset to another, that a file holds at an offset of its own. All are whole pages.
type layer struct {
	from, to uint64
	fd       int
	at       uint64
}

func newStore(mem []byte) (store, error) { return newCowStore(mem, byScan) }

// newCowStore uses the given way of finding private pages, or the next best that this host has. It opens what it will ever need
// at once: the process may forbid itself files later.
func newCowStore(mem []byte, best method) (store, error) {
	fd, err := sealedFile(mem)
	if err != nil {
		return nil, err
	}
	layers := []layer{{0, uint64(len(mem)), fd, 0}}
	view, err := viewOf(layers)
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &cowStore{fd: fd, layers: layers, faults: openFaults(), view: view, pagemap: openPagemap("/proc/self/pagemap", best, view)}, nil
}

// viewOf maps a whole image to be read.
func viewOf(layers []layer) ([]byte, error) {
	view, err := unix.Mmap(-1, 0, int(layers[len(layers)-1].to), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("address space of the image: %w", err)
	}
	if err := lay(view, layers, unix.PROT_READ); err != nil {
		return nil, errors.Join(err, unix.Munmap(view))
	}
	return view, nil
}

// lay maps an image. Private and not shared, even to read: kernels before 6.7 refuse every shared mapping of a sealed file.
func lay(mem []byte, layers []layer, prot int) error {
	for _, l := range layers {
		if err := mapOver(mem[l.from:l.to], prot, l.fd, int64(l.at), 0); err != nil {
			return fmt.Errorf("mmap of the image: %w", err)
		}
	}
	return nil
}

func (s *cowStore) bytes() []byte  { return s.view }
func (s *cowStore) method() string { return s.pagemap.method.String() }

func (s *cowStore) close() error {
	err := errors.Join(unix.Munmap(s.view), unix.Close(s.fd))
	if s.lent {
		return err
	}
	err = errors.Join(err, s.pagemap.close())
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
	if err := a.lay(s.layers); err != nil {
		return nil, errors.Join(err, unix.Munmap(span))
	}
	leaveNeighbours(s.faults, a.mem[:a.size])
	return a, nil
}

// lay maps the image and behind it memory that reads as zero. All of it can be written at once: the engine checks bounds itself.
func (a *cowArea) lay(layers []layer) error {
	const prot = unix.PROT_READ | unix.PROT_WRITE
	if err := lay(a.mem, layers, prot); err != nil {
		return err
	}
	if a.size < uint64(len(a.mem)) {
		if err := mapOver(a.mem[a.size:], prot, -1, 0, unix.MAP_ANONYMOUS); err != nil {
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
