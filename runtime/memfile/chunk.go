package memfile

// Chunk is a part of a file. It must be freed once. It may be used by one goroutine at a time.
type Chunk struct {
	file     *file
	from, to int // offsets in the file
	part     bool
}

// ReadOnlyData returns the bytes, valid until Free or Align.
func (c *Chunk) ReadOnlyData() []byte { return c.file.mem[c.from:c.to:c.to] }

// Memory returns the number of bytes of the pages that c has bytes in.
func (c *Chunk) Memory() int64 {
	first, end := c.pages()
	return int64(end-first) * int64(pageSize)
}

// Location returns the descriptor of the file, and the offset of the first byte in it. They are valid
// until Free or Align.
func (c *Chunk) Location() (fd int, offset int64) { return c.file.fd, int64(c.from) }

// pages returns the range of the pages that c has bytes in.
func (c *Chunk) pages() (first, end int) {
	return c.from / pageSize, (c.to + pageSize - 1) / pageSize
}

// Retain returns another chunk with the same bytes.
func (c *Chunk) Retain() *Chunk {
	if c.part {
		return c.Slice(0, c.to-c.from)
	}
	c.file.mu.Lock()
	defer c.file.mu.Unlock()
	c.file.whole++
	return &Chunk{file: c.file, from: c.from, to: c.to}
}

// Slice returns a chunk with the bytes between two offsets in c. It panics if they are outside of c.
func (c *Chunk) Slice(from, to int) *Chunk {
	_ = c.ReadOnlyData()[from:to]
	part := &Chunk{c.file, c.from + from, c.from + to, true}
	f := c.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.parts == nil {
		f.parts = make([]int, len(f.mem)/pageSize)
	}
	first, end := part.pages()
	for p := first; p < end; p++ {
		if f.parts[p]++; f.parts[p] == 1 {
			f.inParts++
		}
	}
	return part
}

// Free gives up the bytes.
func (c *Chunk) Free() {
	f := c.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.part {
		first, end := c.pages()
		for p := first; p < end; p++ {
			if f.parts[p]--; f.parts[p] == 0 {
				f.inParts--
			}
		}
	} else {
		f.whole--
	}
	switch {
	case f.whole > 0:
	case f.inParts == 0:
		f.parts = nil
		f.retire()
	case !c.part:
		if !f.keepUnused(len(f.parts) - f.inParts) {
			f.dropUnused()
		}
	}
}

// Align makes the first byte have an offset in a page. It does nothing if it has it already. The
// bytes move to another file otherwise, and at most step of them are in memory twice. After an error,
// which is ErrShared if c is not the only chunk of its file, c is unchanged.
func (c *Chunk) Align(offset uint64) error {
	if uint64(c.from%pageSize) == offset%uint64(pageSize) {
		return nil
	}
	if c.shared() {
		return ErrShared
	}
	old := *c
	new, err := newChunk(c.to-c.from, offset)
	if err != nil {
		return err
	}
	for from := 0; from < old.to-old.from; from += step {
		to := min(from+step, old.to-old.from)
		// Without memory, copying could fail only where the next allocation would, too.
		_ = new.Populate(from, to)
		copy(new.ReadOnlyData()[from:to], old.ReadOnlyData()[from:to])
		old.file.drop((old.from+from)/pageSize, (old.from+to)/pageSize)
	}
	*c = *new
	old.Free()
	return nil
}

func (c *Chunk) shared() bool {
	c.file.mu.Lock()
	defer c.file.mu.Unlock()
	return c.part || c.file.whole > 1 || c.file.inParts > 0
}

// step is the number of bytes that Align copies at once.
const step = 1 << 20

// dropUnused returns the pages that no part has bytes in to the system. The caller holds f.mu.
func (f *file) dropUnused() {
	for p := 0; p < len(f.parts); p++ {
		from := p
		for p < len(f.parts) && f.parts[p] == 0 {
			p++
		}
		if from < p {
			f.drop(from, p)
		}
	}
}
