//go:build linux && (amd64 || arm64)

package linmem

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"

	"tabcell/runtime/memfile"
)

// maxFiles is the number of files that a slot can map in a run. Each splits a mapping in three.
const maxFiles = 64

// fileMapping is a part of a slot in which pages of a file are mapped.
type fileMapping struct {
	span                 // of the mapped pages
	at    uint64         // offset of the first byte of the chunk in the slot
	chunk *memfile.Chunk // owned by the slot
}

// end returns the offset after the last byte of the chunk in the slot.
func (f *fileMapping) end() uint64 { return f.at + uint64(len(f.chunk.ReadOnlyData())) }

// mapFile implements Lease.Map. The mapping is private: what the guest writes stays in the slot.
func (a *cowArea) mapFile(at uint64, c *memfile.Chunk) (bool, error) {
	data := c.ReadOnlyData()
	end := at + uint64(len(data))
	fd, offset := c.Location()
	pages := span{max(a.size, (at+osPage-1)&^(osPage-1)), end &^ (osPage - 1)}
	if end > a.high || pages.to < pages.from+memfile.MinSize/2 || (uint64(offset)-at)%osPage != 0 {
		return false, nil
	}
	if len(a.files) == maxFiles || a.huge.to > 0 || a.overlapsFile(pages) {
		return false, nil
	}
	mem := a.mem[pages.from:pages.to]
	if err := mapOver(mem, unix.PROT_READ|unix.PROT_WRITE, fd, offset+int64(pages.from-at), 0); err != nil {
		a.broken = true // kernels before 6.12 may have removed the previous mapping
		return false, fmt.Errorf("linmem: mapping %d bytes of a file: %w", len(mem), err)
	}
	_ = unix.Madvise(mem, unix.MADV_DONTDUMP) // advice, as in lay
	a.files = append(a.files, fileMapping{pages, at, c.Retain()})
	copy(a.mem[at:pages.from], data)
	copy(a.mem[pages.to:end], data[pages.to-at:])
	return true, nil
}

func (a *cowArea) overlapsFile(s span) bool {
	for _, f := range a.files {
		if s.from < f.to && f.from < s.to {
			return true
		}
	}
	return false
}

// origin implements Lease.Origin.
func (a *cowArea) origin(from, to uint64) *memfile.Chunk {
	if a.tracker == nil || from >= to {
		return nil
	}
	for i := range a.files {
		if f := &a.files[i]; from >= f.at && to <= f.end() && a.equalsFile(f, from, to) {
			return f.chunk.Slice(int(from-f.at), int(to-f.at))
		}
	}
	return nil
}

// equalsFile reports whether the bytes between two offsets, which are inside the chunk of f, are
// those of the chunk. Pages that the guest has not written since they were mapped are not read.
func (a *cowArea) equalsFile(f *fileMapping, from, to uint64) bool {
	data := f.chunk.ReadOnlyData()
	equal := func(x, y uint64) bool {
		x, y = max(x, from), min(y, to)
		return x >= y || bytes.Equal(a.mem[x:y], data[x-f.at:y-f.at])
	}
	if !equal(from, f.from) || !equal(f.to, to) {
		return false
	}
	base := addressOf(a.mem)
	first, end := max(from, f.from)&^(osPage-1), (min(to, f.to)+osPage-1)&^(osPage-1)
	for first < end {
		// A page of zeros is as private as any other here, see scan.
		runs, reached, err := a.tracker.next(base+first, base+end, false)
		if err != nil {
			return false
		}
		for _, r := range runs {
			if !equal(r.start-base, r.end-base) {
				return false
			}
		}
		first = reached - base
	}
	return true
}

// dropFiles maps memory that reads as zero in place of the files.
func (a *cowArea) dropFiles() error {
	if a.broken {
		return errUnclean
	}
	for _, f := range a.files {
		mem := a.mem[f.from:f.to]
		if err := mapOver(mem, unix.PROT_READ|unix.PROT_WRITE, -1, 0, unix.MAP_ANONYMOUS); err != nil {
			return fmt.Errorf("mmap in place of a file: %w", err)
		}
		_ = unix.Madvise(mem, unix.MADV_NOHUGEPAGE) // advice, as in lay
		_ = unix.Madvise(mem, unix.MADV_DONTDUMP)
	}
	a.freeFiles()
	return nil
}

// freeFiles frees the chunks. The slot must not map them any more.
func (a *cowArea) freeFiles() {
	for _, f := range a.files {
		f.chunk.Free()
	}
	clear(a.files)
	a.files = a.files[:0]
}
