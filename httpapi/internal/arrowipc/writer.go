package arrowipc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Writer splits a stream into messages. It implements io.Writer.
type Writer struct {
	// Reserve is called before memory is allocated, with the number of bytes. If it returns an
	// error, Write returns that.
	Reserve func(n int64) error

	table   Table
	prefix  []byte
	header  []byte
	missing int   // bytes of the header that have not arrived
	body    int64 // bytes of the body that have not arrived
	current Message
	ended   bool // the end marker has arrived
}

var errAfterEnd = errors.New("the stream goes on after its end")

// Write adds a part of the stream. After an error, the only valid call is Free.
func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		used, err := w.step(p)
		if err != nil {
			return n - len(p), err
		}
		p = p[used:]
	}
	return n, nil
}

// step consumes at least one byte of p.
func (w *Writer) step(p []byte) (used int, err error) {
	switch {
	case w.ended:
		return 0, errAfterEnd
	case w.body > 0:
		used, err = w.addBody(p)
	case w.missing > 0:
		used = min(len(p), w.missing)
		w.header = append(w.header, p[:used]...)
		if w.missing -= used; w.missing == 0 {
			err = w.begin()
		}
	default:
		used = min(len(p), prefixSize-len(w.prefix))
		if w.prefix = append(w.prefix, p[:used]...); len(w.prefix) == prefixSize {
			err = w.readPrefix()
		}
	}
	return used, err
}

// readPrefix handles a complete prefix.
func (w *Writer) readPrefix() error {
	size := binary.LittleEndian.Uint32(w.prefix[4:])
	if mark := binary.LittleEndian.Uint32(w.prefix); mark != continuation || size%alignment != 0 || size > MaxHeader {
		return fmt.Errorf("a message begins with %x", w.prefix)
	}
	w.prefix = w.prefix[:0]
	if size == 0 {
		w.ended = true
		return nil
	}
	if err := w.Reserve(messageOverhead + 2*int64(size)); err != nil {
		return err
	}
	w.header, w.missing = make([]byte, 0, size), int(size)
	return nil
}

// begin handles a complete header.
func (w *Writer) begin() error {
	info, err := parseHeader(w.header)
	if err != nil {
		return err
	}
	w.current, w.body = Message{Kind: info.kind, Header: w.header, Rows: info.rows}, info.body
	w.header = nil
	if w.body == 0 {
		return w.finish()
	}
	return nil
}

// addBody adds the beginning of p to the body.
func (w *Writer) addBody(p []byte) (int, error) {
	p = p[:min(int64(len(p)), w.body)]
	c, err := w.room()
	if err != nil {
		return 0, err
	}
	n := min(len(p), cap(*c.buf)-len(*c.buf))
	*c.buf = append(*c.buf, p[:n]...)
	if w.body -= int64(n); w.body == 0 {
		return n, w.finish()
	}
	return n, nil
}

// WriteChunk is Write with the bytes of a chunk, which the table keeps if they are all of one body.
// The chunk belongs to w from then on, even after an error.
func (w *Writer) WriteChunk(c Chunk) error {
	p := c.ReadOnlyData()
	if w.body < int64(len(p)) || len(p) == 0 {
		_, err := w.Write(p)
		c.Free()
		return err
	}
	if err := w.Reserve(c.Memory() + chunkOverhead); err != nil {
		c.Free()
		return err
	}
	w.current.Body = append(w.current.Body, c)
	if w.body -= int64(len(p)); w.body == 0 {
		return w.finish()
	}
	return nil
}

// room returns the last block of the body, or a new one if it is full.
func (w *Writer) room() (block, error) {
	if count := len(w.current.Body); count > 0 {
		if c, ok := w.current.Body[count-1].(block); ok && len(*c.buf) < cap(*c.buf) {
			return c, nil
		}
	}
	size := min(w.body, BlockSize)
	if err := w.Reserve(size + chunkOverhead); err != nil {
		return block{}, err
	}
	c := newBlock(int(size))
	*c.buf = (*c.buf)[:0]
	w.current.Body = append(w.current.Body, c)
	return c, nil
}

// finish ends the current message.
func (w *Writer) finish() error {
	m := w.current
	w.current = Message{}
	if err := w.table.Append(m); err != nil {
		m.Free()
		return err
	}
	return nil
}

// Table returns the table. It returns an error if the stream is incomplete. The table owns the
// chunks from then on.
func (w *Writer) Table() (*Table, error) {
	switch {
	case len(w.table.Messages) == 0:
		return nil, ErrNoData
	case len(w.prefix) > 0, w.missing > 0, w.body > 0:
		return nil, errors.New("the stream ends within a message")
	}
	t := w.table
	w.table = Table{}
	t.Messages = slices.Clip(t.Messages)
	return &t, nil
}

// Free frees all that has been written. The next byte begins a new stream.
func (w *Writer) Free() {
	w.current.Free()
	w.table.Free()
	*w = Writer{Reserve: w.Reserve}
}
