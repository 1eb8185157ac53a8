//go:build linux && (amd64 || arm64)

package memfile

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// file is a file without a name that is mapped as a whole.
type file struct {
	fd  int
	mem []byte // whole pages

	mu      sync.Mutex // guards the fields below
	whole   int        // number of chunks of all pages
	parts   []int      // number of other chunks, by page; nil if there never was one
	inParts int        // number of pages of these chunks
}

// New returns a chunk of size bytes, which the caller fills: Populate, then ReadOnlyData. The chunk
// may be passed on only when it is complete. offset is the offset of the first byte in its page.
func New(size int, offset uint64) (*Chunk, error) { return newChunk(size, offset) }

func newChunk(size int, offset uint64) (*Chunk, error) {
	if count.Add(1) > maxFiles {
		count.Add(-1)
		return nil, ErrUnavailable
	}
	from := int(offset % uint64(pageSize))
	pages := (from + size + pageSize - 1) / pageSize
	f := spares.take(pages)
	if f == nil {
		var err error
		if f, err = newFile(pages * pageSize); err != nil {
			count.Add(-1)
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	f.mu.Lock() // the end of spare memory looks at all files, see dropKept
	f.whole = 1
	f.mu.Unlock()
	return &Chunk{file: f, from: from, to: from + size}, nil
}

func newFile(size int) (*file, error) {
	const flags = unix.MFD_CLOEXEC
	fd, err := unix.MemfdCreate("tabcell-table", flags|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) { // a kernel before 6.3
		fd, err = unix.MemfdCreate("tabcell-table", flags)
	}
	if err != nil {
		return nil, err
	}
	if err = unix.Ftruncate(fd, int64(size)); err == nil {
		var mem []byte
		if mem, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_NORESERVE); err == nil {
			_ = unix.Madvise(mem, unix.MADV_DONTDUMP) // the data of clients should not be in core dumps
			return &file{fd: fd, mem: mem}, nil
		}
	}
	return nil, errors.Join(err, unix.Close(fd))
}

// Populate allocates the memory of the bytes between two offsets in c. It returns an error if there
// is none. Writing without it could end the process then.
func (c *Chunk) Populate(from, to int) error {
	first, end := (c.from+from)/pageSize*pageSize, (c.from+to+pageSize-1)/pageSize*pageSize
	err := unix.Madvise(c.file.mem[first:end], unix.MADV_POPULATE_WRITE)
	if errors.Is(err, unix.EINVAL) { // a kernel before 5.14
		err = unix.Fallocate(c.file.fd, 0, int64(first), int64(end-first))
	}
	if err != nil {
		return fmt.Errorf("memfile: allocating %d bytes: %w", end-first, err)
	}
	return nil
}

// drop returns the pages between two numbers to the system. They read as zero afterwards.
func (f *file) drop(first, end int) {
	// An error is possible only for a mapping that is locked or not shared.
	_ = unix.Madvise(f.mem[first*pageSize:end*pageSize], unix.MADV_REMOVE)
}

// keepUnused reports whether the given number of pages without chunks may stay in memory for the next
// table, which takes the file when the others have been freed. The caller holds f.mu.
func (f *file) keepUnused(pages int) bool { return spares.keep(f, pages*pageSize) }

// dropKept drops the pages that keepUnused has kept, if the file still has chunks.
func (f *file) dropKept() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole == 0 && f.inParts > 0 {
		f.dropUnused()
	}
}

// retire gives up a file without chunks. The caller holds f.mu.
func (f *file) retire() {
	count.Add(-1)
	spares.forget(f)
	if !spares.put(f) {
		f.close()
	}
}

func (f *file) close() {
	_, _ = unix.Munmap(f.mem), unix.Close(f.fd)
	f.mem = nil
}
