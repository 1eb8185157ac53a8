package linmem

import (
	"bytes"
	"errors"
	"slices"

	"tabcell/runtime/memfile"
)

// copyStore keeps the image on the heap. Each slot is a buffer with a copy of it. It works on every
// system.
type copyStore struct{ image []byte }

func newCopyStore(mem []byte) (store, error) { return &copyStore{image: slices.Clone(mem)}, nil }

func (s *copyStore) bytes() []byte     { return s.image }
func (s *copyStore) method() string    { return "copy" }
func (s *copyStore) slotMappings() int { return 0 }
func (s *copyStore) close() error      { s.image = nil; return nil }

func (s *copyStore) derive(mem []byte, maxOwn uint64) (store, uint64, error) {
	if uint64(len(mem)) > maxOwn {
		return nil, 0, ErrTooLarge
	}
	d, err := newCopyStore(mem)
	return d, uint64(len(mem)), err
}

func (s *copyStore) newArea(reserve uint64) (area, error) {
	return &copyArea{image: s.image, buf: slices.Clone(s.image), used: len(s.image), reserve: int(reserve)}, nil
}

// copyArea is a buffer that is reused for each run. The bytes from used on are always zero.
type copyArea struct {
	image   []byte
	buf     []byte
	used    int // end of the longest slice returned since the last reset
	reserve int
}

// extend may move the memory. The engine uses the returned slice from then on. The old buffer keeps
// its content for anything that still refers to it.
func (a *copyArea) extend(n uint64) []byte {
	size := int(n)
	if size > len(a.buf) {
		// Interpreters grow in small steps. Growing by a quarter bounds the total cost of copying.
		grown := make([]byte, min(a.reserve, max(size, len(a.buf)+len(a.buf)/4)))
		copy(grown, a.buf[:a.used])
		a.buf = grown
	}
	a.used = max(a.used, size)
	return a.buf[:size:size]
}

func (a *copyArea) fill(_, _ uint64) {}

func (a *copyArea) mapFile(uint64, *memfile.Chunk) (bool, error) { return false, nil }
func (a *copyArea) origin(_, _ uint64) *memfile.Chunk            { return nil }

func (a *copyArea) reset() (pages int, err error) {
	pages = a.used / reportPage
	if len(a.buf) > len(a.image)+maxRetained {
		a.buf = make([]byte, len(a.image))
	} else {
		clear(a.buf[len(a.image):a.used])
	}
	copy(a.buf, a.image)
	a.used = len(a.image)
	return pages, nil
}

func (a *copyArea) verify() error {
	n := uint64(len(a.image))
	return errors.Join(sameAsImage(a.buf, a.image), zeroFrom(a.buf, n, uint64(len(a.buf))))
}

func (a *copyArea) resident() (uint64, error) { return uint64(len(a.buf)), nil }
func (a *copyArea) retained() uint64          { return uint64(len(a.buf)) }
func (a *copyArea) close() error              { a.buf = nil; return nil }

// zeros is a WebAssembly page of zeros, for comparing and copying.
var zeros [PageSize]byte

// sameAsImage returns an error if mem does not begin with the image.
func sameAsImage(mem, image []byte) error {
	for p := 0; p < len(image); p += PageSize {
		if n, same := firstDifference(mem[p:p+PageSize], image[p:p+PageSize]); !same {
			return differsAt(uint64(p+n), "the image")
		}
	}
	return nil
}

// zeroFrom returns an error if mem[from:to] is not all zero.
func zeroFrom(mem []byte, from, to uint64) error {
	for from < to {
		end := min(from+PageSize, to)
		if n, same := firstDifference(mem[from:end], zeros[:end-from]); !same {
			return differsAt(from+uint64(n), "zero")
		}
		from = end
	}
	return nil
}

// firstDifference returns the first index at which two slices of equal length differ. The result
// same is true if there is none.
func firstDifference(a, b []byte) (n int, same bool) {
	if bytes.Equal(a, b) {
		return 0, true
	}
	for n = range a {
		if a[n] != b[n] {
			break
		}
	}
	return n, false
}
