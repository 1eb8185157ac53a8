//go:build linux && (amd64 || arm64)

package linmem

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// cowStore keeps the image in a sealed file. Slots map the file privately, so that all of them
// share the pages that have not been written.
type cowStore struct {
	fd       int
	layers   []layer // cover the whole image, in order
	uffd     int     // for disableFaultAround; -1 if not available
	view     []byte  // read-only mapping of the image
	pagemap  pagemap
	borrowed bool // uffd and pagemap belong to the store of the base
}

// layer is the part of an image from one offset to another, and its place in a file. All numbers
// are multiples of an OS page.
type layer struct {
	from, to uint64
	fd       int
	at       uint64 // offset in the file
}

func newStore(mem []byte) (store, error) { return newCowStore(mem, byScan) }

// newCowStore uses the given method of finding private pages, or the next best one that this host
// supports. It opens all files that it will need, because the process may later give up the right
// to open files.
func newCowStore(mem []byte, best method) (store, error) {
	fd, err := sealedFile(mem)
	if err != nil {
		return nil, err
	}
	layers := []layer{{0, uint64(len(mem)), fd, 0}}
	view, err := mapView(layers)
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &cowStore{
		fd: fd, layers: layers, uffd: openUserfaultfd(), view: view,
		pagemap: openPagemap("/proc/self/pagemap", best, view),
	}, nil
}

// mapView returns a read-only mapping of a whole image.
func mapView(layers []layer) ([]byte, error) {
	const flags = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE
	view, err := unix.Mmap(-1, 0, int(layers[len(layers)-1].to), unix.PROT_NONE, flags)
	if err != nil {
		return nil, fmt.Errorf("address space of the image: %w", err)
	}
	if err := mapLayers(view, layers, unix.PROT_READ); err != nil {
		return nil, errors.Join(err, unix.Munmap(view))
	}
	return view, nil
}

// mapLayers maps an image into mem. The mappings are private even if they are only read: kernels
// before 6.7 refuse every shared mapping of a sealed file.
func mapLayers(mem []byte, layers []layer, prot int) error {
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
	if s.borrowed {
		return err
	}
	err = errors.Join(err, s.pagemap.close())
	if s.uffd >= 0 {
		err = errors.Join(err, unix.Close(s.uffd))
	}
	return err
}

func (s *cowStore) newArea(reserve uint64) (area, error) {
	span, err := reserveSpan(int(reserve))
	if err != nil {
		return nil, fmt.Errorf("address space: %w", err)
	}
	size := uint64(len(s.view))
	a := &cowArea{
		image: s.view, span: span, mem: span[:reserve:reserve], size: size, high: size, mark: size,
		tracker: s.pagemap.newTracker(),
	}
	if err := a.lay(s.layers); err != nil {
		return nil, errors.Join(err, unix.Munmap(span))
	}
	disableFaultAround(s.uffd, a.mem[:a.size])
	return a, nil
}

// reserveSpan reserves inaccessible address space. It contains every sum of a 32-bit address and a
// 32-bit offset, so that even a faulty bounds check cannot reach another slot. If address space is
// scarce, there is only one page after the slot.
func reserveSpan(reserve int) ([]byte, error) {
	const flags = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE
	span, err := unix.Mmap(-1, 0, 8<<30+PageSize, unix.PROT_NONE, flags)
	if err != nil {
		return unix.Mmap(-1, 0, reserve+PageSize, unix.PROT_NONE, flags)
	}
	return span, nil
}
