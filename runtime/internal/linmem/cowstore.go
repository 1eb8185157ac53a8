//go:build linux && (amd64 || arm64)

package linmem

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"tabcell/runtime/internal/memguard"
)

// cowStore keeps the image in a sealed file. Slots map the file privately, so that all of them
// share the pages that have not been written.
type cowStore struct {
	content content
	fd      int // file of the image, or of the patches of a derived one; -1 if slots do not map it
	baseFD  int // file of the base; for an image without one, fd
	uffd    int // for disableFaultAround; -1 if not available
	pagemap pagemap
	derived bool // the view belongs to the store of the base
}

func newStore(mem []byte) (store, error) { return newCowStore(mem, byScan) }

// newCowStore uses the given method of finding private pages, or the next best one that this host
// supports.
func newCowStore(mem []byte, best method) (store, error) {
	fd, err := sealedFile(mem)
	if err != nil {
		return nil, err
	}
	return cowStoreOn(fd, len(mem), best)
}

func newStoreOf(size uint64, parts []Part) (store, error) {
	fd, err := sealedFileOf(size, parts)
	if err != nil {
		return nil, err
	}
	return cowStoreOn(fd, int(size), byScan)
}

// cowStoreOn returns the store of the image in a sealed file, which it closes if it fails.
func cowStoreOn(fd, size int, best method) (store, error) {
	// The mapping is private even if it is only read: kernels before 6.7 refuse every shared mapping
	// of a sealed file.
	view, err := unix.Mmap(fd, 0, size, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mmap of the image: %w", err), unix.Close(fd))
	}
	mapped.Add(1)
	return &cowStore{
		content: content{size: uint64(size), base: view}, fd: fd, baseFD: fd,
		uffd: ownUserfaultfd(), pagemap: selectMethod(ownPagemap(), best, view),
	}, nil
}

// Both files are opened once and stay open. After its start, the process may give up the rights to
// open them.
var (
	ownUserfaultfd = sync.OnceValue(openUserfaultfd)
	ownPagemap     = sync.OnceValue(func() int { return openPagemap("/proc/self/pagemap") })
)

func (s *cowStore) bytes() []byte  { return s.content.bytes() }
func (s *cowStore) method() string { return s.pagemap.method.String() }

func (s *cowStore) slotMappings() int { return int(s.content.mappings()) }

func (s *cowStore) close() (err error) {
	view := s.content.own
	if !s.derived {
		view = s.content.base
	}
	if view != nil {
		mapped.Add(-1)
		err = errors.Join(err, unix.Munmap(view))
	}
	if s.fd >= 0 {
		err = errors.Join(err, unix.Close(s.fd))
	}
	return err
}

func (s *cowStore) newArea(reserve uint64) (area, error) {
	span, err := reserveSpan(int(reserve))
	if err != nil {
		return nil, fmt.Errorf("address space: %w", err)
	}
	size := s.content.size
	a := &cowArea{
		content: &s.content, span: span, mem: span[:reserve:reserve], size: size, high: size, mark: size,
		tracker: s.pagemap.newTracker(), copied: s.content.copied(),
	}
	if err := a.lay(s.baseFD, s.fd); err != nil {
		return nil, errors.Join(err, unix.Munmap(span))
	}
	if err := a.guard(); err != nil {
		return nil, errors.Join(err, unix.Munmap(span))
	}
	mapped.Add(s.content.mappings())
	disableFaultAround(s.uffd, a.mem[:len(s.content.base)])
	a.copyPatches(0)
	return a, nil
}

// reserveSpan reserves inaccessible address space. It contains every sum of a 32-bit address and a
// 32-bit offset, so that no access of a guest can reach another slot. If address space is scarce, there
// is only one page after the slot, and no guards.
func reserveSpan(reserve int) ([]byte, error) {
	const flags = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE
	span, err := unix.Mmap(-1, 0, memguard.Size, unix.PROT_NONE, flags)
	if err != nil {
		return unix.Mmap(-1, 0, reserve+PageSize, unix.PROT_NONE, flags)
	}
	return span, nil
}
