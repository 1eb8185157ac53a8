// Package memfile provides the memory of large tables: files without a name, whose pages a cell can
// map in place of a copy. It exists on Linux; on other systems, New returns ErrUnavailable.
//
// A file belongs to one table. It is filled once and does not change afterwards. Chunks are parts of
// it: the first has all bytes, and when that and its copies have been freed, only pages that other
// chunks have bytes in stay in memory.
//
// Files without chunks, and the other pages of files with some, are kept for some seconds for the
// next table: new pages cost more time than the bytes of a table. A chunk must not be used after
// Free, because its memory may belong to another table, or be mapped no more.
package memfile

import (
	"errors"
	"os"
	"sync/atomic"
)

// MinSize is the size in bytes from which a file pays: it takes a descriptor and a memory mapping.
const MinSize = 1 << 20

// maxFiles limits the files, because a system limits the descriptors and mappings of a process.
const maxFiles = 512

var (
	// ErrUnavailable is returned by New if the system has no such files, or there are too many.
	ErrUnavailable = errors.New("memfile: not available")
	// ErrShared is returned by Chunk.Align.
	ErrShared = errors.New("memfile: the file has other chunks")
)

var (
	count    atomic.Int64 // of files with chunks
	expected atomic.Uint64
	pageSize = os.Getpagesize()
)

// Count returns the number of files that have chunks.
func Count() int { return int(count.Load()) }

// Expected returns the offset in a page at which the next table probably begins in the memory of its
// cell. Bytes that are at the same offset in a page of their file can be mapped there at once. It is
// advice: other bytes are moved first.
func Expected() uint64 { return expected.Load() }

// Expect sets the result of Expected from the address of a table in a cell.
func Expect(address uint64) { expected.Store(address % uint64(pageSize)) }
