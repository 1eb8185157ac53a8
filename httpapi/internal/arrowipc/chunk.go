package arrowipc

import "sync"

// Chunk is a part of the body of a message. Its memory can be used again after Free.
type Chunk interface {
	ReadOnlyData() []byte
	Free()
}

// blockSize is the size in bytes of the blocks of Blocks. It is that of the buffers in which gRPC
// receives.
const blockSize = 16 << 10

// blocks keeps the memory of freed blocks. A body of many megabytes thus leaves no garbage, and
// never has to be copied to a larger buffer.
var blocks = sync.Pool{New: func() any {
	b := make([]byte, blockSize)
	return &b
}}

// Blocks is the memory of bodies: of those that arrive, and of those that a Writer makes. A table
// that has been read gives its memory to the result. Blocks implements gRPC's mem.BufferPool.
type Blocks struct{}

// Get returns a buffer of n bytes. If it uses more than half of a block, it is one.
func (Blocks) Get(n int) *[]byte {
	if n <= blockSize/2 || n > blockSize {
		b := make([]byte, n)
		return &b
	}
	b := blocks.Get().(*[]byte)
	*b = (*b)[:n]
	return b
}

// Put makes a block available. Smaller and larger buffers are left to the garbage collector.
func (Blocks) Put(b *[]byte) {
	if cap(*b) == blockSize {
		blocks.Put(b)
	}
}

// block is a chunk of Blocks.
type block struct{ buf *[]byte }

func (b block) ReadOnlyData() []byte { return *b.buf }

func (b block) Free() { Blocks{}.Put(b.buf) }

// Bytes is a chunk that the garbage collector frees.
type Bytes []byte

// ReadOnlyData implements Chunk.
func (b Bytes) ReadOnlyData() []byte { return b }

// Free implements Chunk. It does nothing.
func (b Bytes) Free() {}
