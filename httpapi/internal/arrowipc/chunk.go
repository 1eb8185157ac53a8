package arrowipc

import "sync"

// Chunk is a part of the body of a message. Its memory can be used again after Free.
type Chunk interface {
	ReadOnlyData() []byte
	Free()
}

// chunkSize is the size in bytes of the chunks of a Writer.
const chunkSize = 64 << 10

// chunks keeps the memory of freed chunks. A body of many megabytes thus leaves no garbage, and
// never has to be copied to a larger buffer.
var chunks = sync.Pool{New: func() any { return &pooledChunk{buf: make([]byte, 0, chunkSize)} }}

// pooledChunk is a chunk of the pool.
type pooledChunk struct{ buf []byte }

func (c *pooledChunk) ReadOnlyData() []byte { return c.buf }

func (c *pooledChunk) Free() {
	if c.buf = c.buf[:0]; cap(c.buf) == chunkSize { // smaller ones are not from the pool
		chunks.Put(c)
	}
}

// Bytes is a chunk that the garbage collector frees.
type Bytes []byte

// ReadOnlyData implements Chunk.
func (b Bytes) ReadOnlyData() []byte { return b }

// Free implements Chunk. It does nothing.
func (b Bytes) Free() {}
