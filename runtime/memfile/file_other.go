//go:build !(linux && (amd64 || arm64))

package memfile

import "sync"

// file does not exist.
type file struct {
	fd      int
	mem     []byte
	mu      sync.Mutex
	whole   int
	parts   []int
	inParts int
}

// New returns ErrUnavailable.
func New(size int, offset uint64) (*Chunk, error) { return newChunk(size, offset) }

func newChunk(int, uint64) (*Chunk, error) { return nil, ErrUnavailable }

// Populate does nothing.
func (*Chunk) Populate(int, int) error { return nil }

func (*file) drop(int, int) {}

func (*file) keepUnused(int) bool { return false }

func (*file) retire() {}
