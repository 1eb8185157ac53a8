package flight

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"
	"tabcell/httpapi/internal/arrowipc"
	"tabcell/runtime/memfile"
)

// maxDescriptor is the largest descriptor in bytes.
const maxDescriptor = 64 << 10

var (
	errFlightData = errors.New("the message is not a valid FlightData")
	errCompressed = errors.New("the message is compressed, which the service does not support")
	errNoMemory   = &httpapi.FlightError{Code: httpapi.FlightExhausted, Text: "the server has no memory for the table"}
)

// next reads a message of a table. Its body goes from the connection to the memory of the table, and
// not through the buffers of gRPC. bodyOffset returns the offset of the body in the stream of the
// table. next returns io.EOF after the last message. The caller owns the body of the message.
func (b *body) next(bodyOffset func(header []byte) int64) (*flightData, error) {
	var prefix [prefixSize]byte
	if _, err := b.readPrefix(prefix[:]); err != nil {
		if err != io.EOF {
			b.fail(err)
		}
		return nil, err
	}
	if prefix[0] != 0 {
		return nil, errCompressed
	}
	m := new(flightData)
	for b.missing > 0 {
		if err := m.readField(b, bodyOffset); err != nil {
			freeChunks(m.body)
			return nil, err
		}
	}
	return m, nil
}

// readField reads a field of the current message of b.
func (m *flightData) readField(b *body, bodyOffset func(header []byte) int64) error {
	tag, err := b.readVarint()
	if err != nil {
		return err
	}
	number, kind := protowire.DecodeTag(tag)
	if number < 1 || kind != protowire.BytesType {
		return fmt.Errorf("%w: it has a field %d of the type %d", errFlightData, number, kind)
	}
	size, err := b.readVarint()
	if err != nil {
		return err
	}
	if size > uint64(b.missing) {
		return errFlightData
	}
	switch number {
	case fieldDescriptor:
		return m.readDescriptor(b, int(size))
	case fieldHeader:
		if size > arrowipc.MaxHeader {
			return arrowipc.ErrHeader
		}
		m.header, err = b.readBytes(int(size))
		return err
	case fieldBody:
		freeChunks(m.body) // the last of several values counts
		m.body, err = b.readChunks(int(size), bodyOffset(m.header))
		return err
	}
	return b.discard(int(size))
}

func (m *flightData) readDescriptor(b *body, size int) error {
	if size > maxDescriptor {
		return fmt.Errorf("%w: the descriptor exceeds the limit of %d bytes", errFlightData, maxDescriptor)
	}
	content, err := b.readBytes(size)
	if err != nil {
		return err
	}
	m.descriptor = new(flightpb.FlightDescriptor)
	return proto.Unmarshal(content, m.descriptor)
}

// readVarint reads a number of protobuf in the current message.
func (b *body) readVarint() (uint64, error) {
	var v uint64
	var p [1]byte
	for shift := 0; shift < 64 && b.missing > 0; shift += 7 {
		if err := b.readAll(p[:]); err != nil {
			return 0, err
		}
		if v |= uint64(p[0]&0x7f) << shift; p[0] < 0x80 {
			return v, nil
		}
	}
	return 0, errFlightData
}

// readAll fills p with content of the current message, which must be long enough.
func (b *body) readAll(p []byte) error {
	_, err := b.readContent(p)
	if err != nil {
		b.fail(err)
	}
	return err
}

// readBytes reads n bytes of the current message, which must be long enough. Memory is reserved
// before it is allocated.
func (b *body) readBytes(n int) ([]byte, error) {
	if err := b.reserve(n); err != nil {
		b.fail(err)
		return nil, err
	}
	p := make([]byte, n)
	return p, b.readAll(p)
}

// discard skips n bytes of the current message.
func (b *body) discard(n int) error {
	block := arrowipc.NewBlock(arrowipc.BlockSize)
	defer block.Free()
	for n > 0 {
		part := block.ReadOnlyData()[:min(n, arrowipc.BlockSize)]
		if err := b.readAll(part); err != nil {
			return err
		}
		n -= len(part)
	}
	return nil
}

// readChunks reads n bytes of the current message to the memory of a table. offset is that of the
// bytes in the stream of the table. Memory is allocated as the bytes arrive.
func (b *body) readChunks(n int, offset int64) ([]arrowipc.Chunk, error) {
	if n >= memfile.MinSize {
		if c, err := memfile.New(n, memfile.Expected()+uint64(offset)); err == nil {
			return b.readFile(c)
		}
	}
	var chunks []arrowipc.Chunk
	for n > 0 {
		size := min(n, arrowipc.BlockSize)
		if err := b.reserve(size); err != nil {
			b.fail(err)
			freeChunks(chunks)
			return nil, err
		}
		c := arrowipc.NewBlock(size)
		chunks = append(chunks, c)
		if err := b.readAll(c.ReadOnlyData()); err != nil {
			freeChunks(chunks)
			return nil, err
		}
		n -= size
	}
	return chunks, nil
}

// readFile fills a chunk with bytes of the current message.
func (b *body) readFile(c *memfile.Chunk) ([]arrowipc.Chunk, error) {
	for p, at := c.ReadOnlyData(), 0; at < len(p); {
		end := min(at+reserveStep, len(p))
		err := b.reserve(end - at)
		if err == nil && c.Populate(at, end) != nil {
			err = errNoMemory
		}
		if err != nil {
			b.fail(err)
		} else {
			err = b.readAll(p[at:end])
		}
		if err != nil {
			c.Free()
			return nil, err
		}
		at = end
	}
	return []arrowipc.Chunk{c}, nil
}
