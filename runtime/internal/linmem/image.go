package linmem

import (
	"errors"
	"fmt"
	"sync"

	"tabcell/runtime/memfile"
)

// Sizes in bytes. An OS page has 4096 bytes on most systems; on every system, a WebAssembly page is
// a multiple of an OS page.
const (
	PageSize   = 65536            // a WebAssembly page
	MaxReserve = 4<<30 - PageSize // the engine loads memory lengths as 32 bits; 4 GiB would read as 0
)

var (
	// ErrClosed is returned for closed images and slots.
	ErrClosed = errors.New("linmem: closed")
	// ErrTooLarge is returned by Derive for an image with too many bytes of its own.
	ErrTooLarge = errors.New("linmem: the image is too large")
)

// store holds the bytes of an image and maps slots over them.
type store interface {
	bytes() []byte
	newArea(reserve uint64) (area, error)
	// derive returns the store of an image with the bytes of mem that shares equal pages with this
	// one, and the number of bytes that it does not share. If there are more than maxOwn of those,
	// it returns ErrTooLarge.
	derive(mem []byte, maxOwn uint64) (s store, own uint64, err error)
	method() string
	slotMappings() int // memory mappings of an area
	close() error
}

// area is the memory of one slot: the image, then zeros.
type area interface {
	extend(n uint64) []byte                            // returns the first n bytes; n is between the image's size and the reserve
	fill(from, to uint64)                              // see Lease.Fill
	mapFile(at uint64, c *memfile.Chunk) (bool, error) // see Lease.Map
	origin(from, to uint64) *memfile.Chunk             // see Lease.Origin
	reset() (pages int, err error)
	verify() error
	resident() (bytes uint64, err error)
	retained() uint64 // bytes that the last reset left private
	close() error
}

// Image is the initial memory of instances. It cannot be changed; on Linux the kernel enforces
// that.
type Image struct {
	store store
	size  uint64
	own   uint64
	base  *Image // if not nil, the image that this one was derived from, which it keeps open

	mu     sync.Mutex
	users  int  // guarded by mu; slots, and derived images, that need the bytes
	closed bool // guarded by mu
}

// NewImage returns an image with a copy of mem, which must be one or more whole WebAssembly pages.
// On Linux, pages of zeros take no memory.
func NewImage(mem []byte) (*Image, error) {
	return newImage(mem, newStore)
}

func newImage(mem []byte, newStore func([]byte) (store, error)) (*Image, error) {
	return imageOf(uint64(len(mem)), func() (store, error) { return newStore(mem) })
}

// Part is a part of an image.
type Part struct {
	At    uint64 // offset
	Bytes []byte
}

// NewImageOf returns an image of a size, which must be one or more whole WebAssembly pages, with
// copies of the parts. All other bytes are zero.
func NewImageOf(size uint64, parts []Part) (*Image, error) {
	for _, p := range parts {
		if p.At > size || uint64(len(p.Bytes)) > size-p.At {
			return nil, fmt.Errorf("linmem: an image of %d bytes has %d bytes at %#x, beyond its end", size, len(p.Bytes), p.At)
		}
	}
	return imageOf(size, func() (store, error) { return newStoreOf(size, parts) })
}

func imageOf(size uint64, newStore func() (store, error)) (*Image, error) {
	if size == 0 || size%PageSize != 0 || size > MaxReserve {
		return nil, fmt.Errorf("linmem: an image of %d bytes: want whole pages of %d bytes, at most %d bytes", size, PageSize, uint64(MaxReserve))
	}
	s, err := newStore()
	if err != nil {
		return nil, fmt.Errorf("linmem: new image: %w", err)
	}
	return &Image{store: s, size: size, own: size}, nil
}

// Derive returns an image with a copy of mem, which must not be shorter than this image. This image
// must not be derived itself. On Linux the new image shares the pages that are equal in both; on
// other systems it is a full copy. If it has more than maxOwn bytes of its own, Derive returns
// ErrTooLarge.
func (i *Image) Derive(mem []byte, maxOwn uint64) (*Image, error) {
	if n := uint64(len(mem)); n < i.size || n%PageSize != 0 || n > MaxReserve || i.base != nil {
		return nil, fmt.Errorf("linmem: an image of %d bytes derived from one of %d: want whole pages of %d bytes, derived from an image without a base", n, i.size, uint64(PageSize))
	}
	if err := i.acquire(); err != nil {
		return nil, err
	}
	s, own, err := i.store.derive(mem, maxOwn)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("linmem: new image: %w", err), i.release())
	}
	return &Image{store: s, size: uint64(len(mem)), own: own, base: i}, nil
}

// Bytes returns the image itself, valid until Close, or a copy of a derived image. On Linux,
// writing to the image itself is a fault.
func (i *Image) Bytes() []byte { return i.store.bytes() }

// Size returns the length of the image in bytes.
func (i *Image) Size() uint64 { return i.size }

// OwnBytes returns the memory in bytes that the image takes in addition to its base.
func (i *Image) OwnBytes() uint64 { return i.own }

// ResetMethod returns the method by which slots of this image are reset: "scan", "pagemap", "remap"
// or "copy", ordered from the fastest to the slowest.
func (i *Image) ResetMethod() string { return i.store.method() }

// SlotMappings returns the maximum number of memory mappings that a slot takes. The image itself
// takes at most one.
func (i *Image) SlotMappings() int { return i.store.slotMappings() }

// NewSlot returns a slot over the image. The reserve is the largest memory limit of its leases, in
// bytes: whole WebAssembly pages, at least the size of the image, at most MaxReserve. On Linux it
// takes address space but no memory.
func (i *Image) NewSlot(reserve uint64) (*Slot, error) {
	if reserve < i.size || reserve%PageSize != 0 || reserve > MaxReserve {
		return nil, fmt.Errorf("linmem: a reserve of %d bytes: want whole pages between %d and %d bytes", reserve, i.size, uint64(MaxReserve))
	}
	if err := i.acquire(); err != nil {
		return nil, err
	}
	a, err := i.store.newArea(reserve)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("linmem: new slot of %d bytes: %w", reserve, err), i.release())
	}
	return &Slot{image: i, area: a, reserve: reserve}, nil
}

// Close closes the image. Slots and derived images still work; the bytes are freed when the last of
// them is closed.
func (i *Image) Close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return nil
	}
	i.closed = true
	return i.closeUnused()
}

// acquire adds a user of the bytes.
func (i *Image) acquire() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return ErrClosed
	}
	i.users++
	return nil
}

// release removes a user of the bytes.
func (i *Image) release() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.users--
	return i.closeUnused()
}

// closeUnused frees the bytes if the image is closed and has no users. i.mu must be held.
func (i *Image) closeUnused() error {
	if !i.closed || i.users > 0 {
		return nil
	}
	if i.base != nil {
		return errors.Join(i.store.close(), i.base.release())
	}
	return i.store.close()
}
