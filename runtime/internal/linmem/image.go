package linmem

import (
	"errors"
	"fmt"
	"sync"
)

// Sizes in bytes. OS pages are 4096 on most systems; a WebAssembly page holds a whole number of them everywhere.
const (
	PageSize   = 65536            // a WebAssembly page
	MaxReserve = 4<<30 - PageSize // the engine loads memory lengths as 32 bits, and 4 GiB would read as 0
)

var (
	// ErrClosed is returned for images and slots that were given up.
	ErrClosed = errors.New("linmem: closed")
	// ErrTooLarge is returned for an image that would take more memory of its own than it may.
	ErrTooLarge = errors.New("linmem: the image is too large")
)

// store keeps an image's bytes and lays slots over them.
type store interface {
	bytes() []byte
	newArea(reserve uint64) (area, error)
	// over makes the store of an image that shares this one's pages; own counts its own, in bytes.
	over(mem []byte, most uint64) (s store, own uint64, err error)
	method() string
	close() error
}

// area is one slot's memory: the image, then zeros.
type area interface {
	extend(n uint64) []byte // the first n bytes; n is between the image's size and the reserve
	restore() (pages int, err error)
	verify() error
	resident() (bytes uint64, err error)
	kept() uint64 // bytes that the last restore left private
	release() error
}

// Image is what every instance's memory starts as. It cannot be changed: on Linux the kernel refuses.
type Image struct {
	store store
	size  uint64
	own   uint64
	base  *Image // nil, or what this image was made over; held until the bytes are freed

	mu     sync.Mutex
	slots  int  // guarded by mu; slots, and images over this one, that still need the bytes
	closed bool // guarded by mu
}

// NewImage copies mem, whole WebAssembly pages and not empty. On Linux only the pages that are not zero take memory.
func NewImage(mem []byte) (*Image, error) {
	return newImage(mem, newStore)
}

func newImage(mem []byte, open func([]byte) (store, error)) (*Image, error) {
	if n := uint64(len(mem)); n == 0 || n%PageSize != 0 || n > MaxReserve {
		return nil, fmt.Errorf("linmem: an image of %d bytes: want whole pages of %d bytes, at most %d bytes", n, PageSize, uint64(MaxReserve))
	}
	s, err := open(mem)
	if err != nil {
		return nil, fmt.Errorf("linmem: new image: %w", err)
	}
	return &Image{store: s, size: uint64(len(mem)), own: uint64(len(mem))}, nil
}

// Derive copies mem, no shorter than the image, as an image of its own. On Linux it shares with this one, which was not made over another,
// the pages that are the same in both; elsewhere it is a copy. With more than most bytes of its own it is refused with ErrTooLarge.
func (i *Image) Derive(mem []byte, most uint64) (*Image, error) {
	if n := uint64(len(mem)); n < i.size || n%PageSize != 0 || n > MaxReserve || i.base != nil {
		return nil, fmt.Errorf("linmem: an image of %d bytes over one of %d: want whole pages of %d bytes, over an image of its own", n, i.size, uint64(PageSize))
	}
	if err := i.hold(); err != nil {
		return nil, err
	}
	s, own, err := i.store.over(mem, most)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("linmem: new image: %w", err), i.drop())
	}
	return &Image{store: s, size: uint64(len(mem)), own: own, base: i}, nil
}

// Bytes is a view of the image, valid until Close. Writing to it is a fault.
func (i *Image) Bytes() []byte { return i.store.bytes() }

// Size is the image's length in bytes.
func (i *Image) Size() uint64 { return i.size }

// OwnBytes is the memory in bytes that the image takes beside what it shares with its base.
func (i *Image) OwnBytes() uint64 { return i.own }

// ResetMethod says how slots of this image are restored: "scan", "pagemap", "remap" or "copy", from the cheapest to the dearest.
func (i *Image) ResetMethod() string { return i.store.method() }

// NewSlot lays a slot over the image. reserve, in bytes, is the largest cap that it will ever lend: whole WebAssembly pages,
// at least the image, at most MaxReserve. On Linux it is address space only.
func (i *Image) NewSlot(reserve uint64) (*Slot, error) {
	if reserve < i.size || reserve%PageSize != 0 || reserve > MaxReserve {
		return nil, fmt.Errorf("linmem: a reserve of %d bytes: want whole pages between %d and %d bytes", reserve, i.size, uint64(MaxReserve))
	}
	if err := i.hold(); err != nil {
		return nil, err
	}
	a, err := i.store.newArea(reserve)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("linmem: new slot of %d bytes: %w", reserve, err), i.drop())
	}
	return &Slot{image: i, area: a, reserve: reserve}, nil
}

// Close gives the image up. Slots go on working: the bytes are freed when the last of them is released.
func (i *Image) Close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return nil
	}
	i.closed = true
	return i.closeUnused()
}

// hold notes one more user of the bytes.
func (i *Image) hold() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return ErrClosed
	}
	i.slots++
	return nil
}

// drop ends one hold.
func (i *Image) drop() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.slots--
	return i.closeUnused()
}

func (i *Image) closeUnused() error {
	if !i.closed || i.slots > 0 {
		return nil
	}
	if i.base != nil {
		return errors.Join(i.store.close(), i.base.drop())
	}
	return i.store.close()
}
