package arrowipc

import "sync"

// Chunk is a part of the body of a message. Its memory must not be used after Free.
type Chunk interface {
	ReadOnlyData() []byte
	Memory() int64 // bytes that the chunk occupies
	Free()
}

// BlockSize is the size in bytes of the largest blocks.
const BlockSize = 16 << 10

// blocks keeps the memory of freed blocks. A body of many small parts thus leaves no garbage, and
// never has to be copied to a larger buffer.
var blocks = sync.Pool{New: func() any {
	b := make([]byte, BlockSize)
	return &b
}}

// block is a chunk that is used again after Free if it has BlockSize bytes.
type block struct{ buf *[]byte }

// NewBlock returns a chunk of n bytes, which the caller fills. n must not exceed BlockSize.
func NewBlock(n int) Chunk { return newBlock(n) }

// newBlock returns a block of n bytes. If it uses more than half of BlockSize, it has that capacity.
func newBlock(n int) block {
	if n <= BlockSize/2 {
		b := make([]byte, n)
		return block{&b}
	}
	b := blocks.Get().(*[]byte)
	*b = (*b)[:n]
	return block{b}
}

func (b block) ReadOnlyData() []byte { return *b.buf }

func (b block) Memory() int64 { return int64(cap(*b.buf)) }

func (b block) Free() {
	if cap(*b.buf) == BlockSize {
		blocks.Put(b.buf)
	}
}

// Bytes is a chunk that the garbage collector frees.
type Bytes []byte

// ReadOnlyData implements Chunk.
func (b Bytes) ReadOnlyData() []byte { return b }

// Memory implements Chunk.
func (b Bytes) Memory() int64 { return int64(cap(b)) }

// Free implements Chunk. It does nothing.
func (b Bytes) Free() {}
