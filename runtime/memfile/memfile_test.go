//go:build linux && (amd64 || arm64)

package memfile

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// newTestChunk returns a full chunk, and a copy of its bytes. There are no spare files before.
func newTestChunk(t testing.TB, size int, offset uint64) (*Chunk, []byte) {
	t.Helper()
	c, err := New(size, offset)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Populate(0, size); err != nil {
		t.Fatal(err)
	}
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(offset)}).Read(c.ReadOnlyData())
	return c, bytes.Clone(c.ReadOnlyData())
}

// dropSpares closes the spare files, now and at the end of the test.
func dropSpares(t *testing.T) {
	spares.drop()
	t.Cleanup(spares.drop)
}

// resident returns the number of pages of the file of c that are in memory.
func resident(t *testing.T, c *Chunk) (pages int) {
	t.Helper()
	var stat unix.Stat_t
	if err := unix.Fstat(c.file.fd, &stat); err != nil {
		t.Fatal(err)
	}
	return int(stat.Blocks) * 512 / pageSize
}

func TestNew(t *testing.T) {
	dropSpares(t)
	for _, offset := range []uint64{0, 1, 424, uint64(pageSize) - 1, uint64(pageSize) + 3} {
		c, want := newTestChunk(t, MinSize+7, offset)
		fd, at := c.Location()
		got := make([]byte, len(want))
		if _, err := unix.Pread(fd, got, at); err != nil || !bytes.Equal(got, want) {
			t.Errorf("offset %d: the file has other bytes, error %v", offset, err)
		}
		if uint64(at) != offset%uint64(pageSize) || c.Memory() < int64(len(want)) {
			t.Errorf("offset %d became %d; the memory is %d bytes", offset, at, c.Memory())
		}
		c.Free()
	}
	if n := Count(); n != 0 {
		t.Errorf("%d files have chunks", n)
	}
}

// Memory is allocated as a chunk is filled: a client may announce more than it sends.
func TestPopulate(t *testing.T) {
	dropSpares(t)
	c, err := New(1<<30, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Free()
	if n := resident(t, c); n != 0 {
		t.Errorf("%d pages are in memory", n)
	}
	if err := c.Populate(10, 10*pageSize); err != nil || resident(t, c) != 10 {
		t.Errorf("%d pages are in memory, error %v; want 10", resident(t, c), err)
	}
}

// Only the pages of parts stay in memory when the whole has been freed, and spare memory has ended.
func TestParts(t *testing.T) {
	dropSpares(t)
	whole, want := newTestChunk(t, 100*pageSize, 5)
	again := whole.Retain()
	a, b := whole.Slice(10*pageSize, 20*pageSize), again.Slice(15*pageSize, 15*pageSize+1)
	last := a.Slice(9*pageSize, 10*pageSize)
	whole.Free()
	if n := resident(t, again); n != 101 {
		t.Errorf("%d pages are in memory while the file has a whole chunk", n)
	}
	again.Free()
	if n := resident(t, a); n != 101 || spares.bytes != 90*pageSize {
		t.Errorf("%d pages are in memory, %d bytes of them are spare; want 101, and 90 pages", n, spares.bytes)
	}
	spares.drop()
	if n := resident(t, a); n != 11 {
		t.Errorf("%d pages are in memory for a part of 10 that are not aligned", n)
	}
	for _, c := range []struct {
		chunk    *Chunk
		from, to int
	}{{a, 10, 20}, {last, 19, 20}} {
		if !bytes.Equal(c.chunk.ReadOnlyData(), want[c.from*pageSize:c.to*pageSize]) {
			t.Errorf("the part from page %d has changed", c.from)
		}
	}
	a.Free()
	last.Free()
	if Count() != 1 || b.ReadOnlyData()[0] != want[15*pageSize] {
		t.Error("the last part has no file")
	}
	b.Free()
	if n := Count(); n != 0 {
		t.Errorf("%d files have chunks", n)
	}
}

func TestAlign(t *testing.T) {
	dropSpares(t)
	c, want := newTestChunk(t, 3*step+17, 5)
	for _, offset := range []uint64{5, 6, 0, uint64(pageSize) - 1} {
		if err := c.Align(offset); err != nil {
			t.Fatal(err)
		}
		if _, at := c.Location(); uint64(at) != offset || !bytes.Equal(c.ReadOnlyData(), want) {
			t.Errorf("offset %d became %d, or the bytes have changed", offset, at)
		}
	}
	part := c.Slice(0, 1)
	if err := c.Align(7); !errors.Is(err, ErrShared) || !bytes.Equal(c.ReadOnlyData(), want) {
		t.Errorf("with a part: error %v", err)
	}
	part.Free()
	other := c.Retain()
	if err := c.Align(7); !errors.Is(err, ErrShared) {
		t.Errorf("with another chunk: error %v", err)
	}
	other.Free()
	c.Free()
	if n := Count(); n != 0 {
		t.Errorf("%d files have chunks", n)
	}
}

// Pages without chunks are spare memory of their file, within the limit of all spare memory.
func TestUnusedPages(t *testing.T) {
	dropSpares(t)
	whole, _ := newTestChunk(t, 100*pageSize, 0)
	part := whole.Slice(0, pageSize)
	whole.Free()
	file := part.file
	part.Free()
	if spares.bytes != 100*pageSize || len(spares.unused) != 0 {
		t.Errorf("%d bytes are spare, want those of the file", spares.bytes)
	}
	next, _ := newTestChunk(t, 100*pageSize, 0)
	if next.file != file || spares.bytes != 0 {
		t.Errorf("the next table has the file: %v; %d bytes are spare", next.file == file, spares.bytes)
	}
	spares.bytes = maxSpare - pageSize // as if other files had it
	part = next.Slice(0, pageSize)
	next.Free()
	if n := resident(t, part); n != 1 {
		t.Errorf("%d pages are in memory without room for spare ones", n)
	}
	spares.bytes = 0
	part.Free()
}

// A spare file becomes that of the next table, and has no more memory than it.
func TestSpares(t *testing.T) {
	dropSpares(t)
	old, _ := newTestChunk(t, 100*pageSize, 0)
	file := old.file
	old.Slice(0, 1).Free()
	old.Free()
	small, _ := newTestChunk(t, 10*pageSize, 0)
	defer small.Free()
	c, _ := newTestChunk(t, 60*pageSize, 0)
	if small.file == file || c.file != file {
		t.Fatal("the table of a similar size has another file")
	}
	if n := resident(t, c); n != 60 {
		t.Errorf("%d pages are in memory, want 60", n)
	}
	c.Free()
	large := make([]*Chunk, 3)
	for i := range large {
		large[i], _ = New(maxSpare/2, 0)
	}
	for _, c := range large {
		c.Free()
	}
	if spares.bytes > maxSpare || spares.bytes < maxSpare/2 {
		t.Errorf("%d bytes of spare files", spares.bytes)
	}
	spares.drop()
	if file.mem != nil || spares.bytes != 0 || spares.timer != nil {
		t.Error("a spare file is still open")
	}
}

func TestMaxFiles(t *testing.T) {
	dropSpares(t)
	var chunks []*Chunk
	var err error
	for range maxFiles + 1 {
		var c *Chunk
		if c, err = New(1, 0); err == nil {
			chunks = append(chunks, c)
		}
	}
	if !errors.Is(err, ErrUnavailable) || len(chunks) != maxFiles {
		t.Errorf("%d files, error %v", len(chunks), err)
	}
	for _, c := range chunks {
		c.Free()
	}
	if n := Count(); n != 0 {
		t.Errorf("%d files have chunks", n)
	}
}

// TestHammer takes and frees chunks of common files, whose bytes must not change.
func TestHammer(t *testing.T) {
	dropSpares(t)
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 30 {
				c, want := newTestChunk(t, (1+r.IntN(50))*pageSize+r.IntN(100), r.Uint64()%5000)
				var parts sync.WaitGroup
				for range 4 {
					from := r.IntN(len(want))
					part := c.Slice(from, from+r.IntN(len(want)-from)+1)
					parts.Go(func() {
						if p := part.ReadOnlyData(); !bytes.Equal(p, want[from:from+len(p)]) {
							t.Error("a part has other bytes")
						}
						part.Free()
					})
				}
				c.Free()
				parts.Wait()
			}
		})
	}
	group.Wait()
	if n := Count(); n != 0 {
		t.Errorf("%d files have chunks", n)
	}
}
