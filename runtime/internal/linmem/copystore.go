package linmem

import (
	"bytes"
	"errors"
	"slices"
)

// copyStore keeps the image on the heap; each slot is a buffer that the image is copied into. It works on every system.
type copyStore struct{ image []byte }

func newCopyStore(mem []byte) (store, error) { return &copyStore{image: slices.Clone(mem)}, nil }

func (s *copyStore) bytes() []byte  { return s.image }
func (s *copyStore) method() string { return "copy" }
func (s *copyStore) close() error   { s.image = nil; return nil }

func (s *copyStore) over(mem []byte, most uint64) (store, uint64, error) {
	if uint64(len(mem)) > most {
		return nil, 0, ErrTooLarge
	}
	c, err := newCopyStore(mem)
	return c, uint64(len(mem)), err
}

func (s *copyStore) newArea(reserve uint64) (area, error) {
	return &copyArea{image: s.image, buf: slices.Clone(s.image), used: len(s.image), reserve: int(reserve)}, nil
}

// copyArea is a buffer that is recycled from run to run. buf[used:] is zero at all times.
type copyArea struct {
	image   []byte
	buf     []byte
	used    int // the longest slice handed out since the last restore
	reserve int
}

// extend may move the memory. The engine takes what is returned as the memory from then on; the buffer before it stays as it
// was for whoever still looks at it.
func (a *copyArea) extend(n uint64) []byte {
	size := int(n)
	if size > len(a.buf) {
		// Interpreters grow by small steps: a quarter more each time keeps the sum of all copies linear.
		grown := make([]byte, min(a.reserve, max(size, len(a.buf)+len(a.buf)/4)))
		copy(grown, a.buf[:a.used])
		a.buf = grown
	}
	a.used = max(a.used, size)
	return a.buf[:size:size]
}

func (a *copyArea) restore() (pages int, err error) {
	pages = a.used / reportPage
	if len(a.buf) > len(a.image)+keepBytes {
		a.buf = make([]byte, len(a.image))
	} else {
		clear(a.buf[len(a.image):a.used])
	}
	copy(a.buf, a.image)
	a.used = len(a.image)
	return pages, nil
}

func (a *copyArea) verify() error {
	return errors.Join(sameAsImage(a.buf, a.image), zeroFrom(a.buf, uint64(len(a.image)), uint64(len(a.buf))))
}

func (a *copyArea) resident() (uint64, error) { return uint64(len(a.buf)), nil }
func (a *copyArea) kept() uint64              { return uint64(len(a.buf)) }
func (a *copyArea) release() error            { a.buf = nil; return nil }

// zeros is a WebAssembly page of zeros to compare with and to copy from.
var zeros [PageSize]byte

// sameAsImage compares the beginning of mem with the image.
func sameAsImage(mem, image []byte) error {
	for p := 0; p < len(image); p += PageSize {
		if n, same := firstDifference(mem[p:p+PageSize], image[p:p+PageSize]); !same {
			return differsAt(uint64(p+n), "the image")
		}
	}
	return nil
}

// zeroFrom looks for anything but zero in mem[from:to].
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

// firstDifference finds the first index at which two slices of one length differ.
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
