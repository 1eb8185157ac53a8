package flight

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec "proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"tabcell/httpapi/flight/flightpb"
	"tabcell/httpapi/internal/arrowipc"
)

// The fields of FlightData.
const (
	fieldDescriptor = 1
	fieldHeader     = 2
	fieldMetadata   = 3
	fieldBody       = 1000
)

// flightData is a FlightData whose body stays in the buffers in which it arrived, or in the chunks
// of a table. The generated type would copy it, and double the memory of a table.
type flightData struct {
	descriptor *flightpb.FlightDescriptor
	header     []byte
	body       []arrowipc.Chunk
	err        error // of Unmarshal: gRPC would hide what it is
}

// codec encodes and decodes flightData by itself, and other messages with protobuf.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

var errFlightData = errors.New("the message is not a valid FlightData")

// Unmarshal implements encoding.CodecV2. It keeps the error of a flightData in that.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*flightData)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	r := data.Reader()
	defer r.Close()
	for r.Remaining() > 0 {
		if err := m.readField(data, r); err != nil {
			freeChunks(m.body)
			m.body, m.err = nil, err
			return nil
		}
	}
	return nil
}

// readField reads one field. r reads data.
func (m *flightData) readField(data mem.BufferSlice, r *mem.Reader) error {
	tag, err := readVarint(r)
	if err != nil {
		return err
	}
	number, kind := protowire.DecodeTag(tag)
	if number < 1 || kind != protowire.BytesType {
		return fmt.Errorf("%w: it has a field %d of the type %d", errFlightData, number, kind)
	}
	size, err := readVarint(r)
	if err != nil || size > uint64(r.Remaining()) {
		return errFlightData
	}
	switch number {
	case fieldDescriptor:
		return m.readDescriptor(r, int(size))
	case fieldHeader:
		if size > arrowipc.MaxHeader {
			return arrowipc.ErrHeader
		}
		m.header = make([]byte, size)
		_, err = io.ReadFull(r, m.header)
		return err
	case fieldBody:
		freeChunks(m.body) // the last of several values counts
		m.body = slice(data, data.Len()-r.Remaining(), int(size))
	}
	_, err = r.Discard(int(size))
	return err
}

// maxDescriptor is the largest descriptor in bytes.
const maxDescriptor = 64 << 10

func (m *flightData) readDescriptor(r *mem.Reader, size int) error {
	if size > maxDescriptor {
		return fmt.Errorf("%w: the descriptor exceeds the limit of %d bytes", errFlightData, maxDescriptor)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	m.descriptor = new(flightpb.FlightDescriptor)
	return proto.Unmarshal(b, m.descriptor)
}

// readVarint reads a number of protobuf.
func readVarint(r io.ByteReader) (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, errFlightData
		}
		if v |= uint64(b&0x7f) << shift; b < 0x80 {
			return v, nil
		}
	}
	return 0, errFlightData
}

// slice returns n bytes of data. Buffers that are mostly used are referenced, and small parts are
// copied: a reference keeps the memory of the whole buffer.
func slice(data mem.BufferSlice, from, n int) []arrowipc.Chunk {
	var chunks []arrowipc.Chunk
	for _, b := range data {
		p := b.ReadOnlyData()
		if from >= len(p) {
			from -= len(p)
			continue
		}
		whole := from == 0 && n >= len(p)
		p = p[from:min(len(p), from+n)]
		if whole && 2*len(p) >= cap(p) {
			b.Ref()
			chunks = append(chunks, b)
		} else if len(p) > 0 {
			chunks = append(chunks, arrowipc.Bytes(append(make([]byte, 0, len(p)), p...)))
		}
		from, n = 0, n-len(p)
		if n == 0 {
			break
		}
	}
	return chunks
}

func freeChunks(chunks []arrowipc.Chunk) {
	for _, c := range chunks {
		c.Free()
	}
}

// Marshal implements encoding.CodecV2. gRPC frees the body when it has been written.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(*flightData)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	var size int
	for _, chunk := range m.body {
		size += len(chunk.ReadOnlyData())
	}
	head := protowire.AppendBytes(protowire.AppendTag(nil, fieldHeader, protowire.BytesType), m.header)
	if size > 0 {
		head = protowire.AppendVarint(protowire.AppendTag(head, fieldBody, protowire.BytesType), uint64(size))
	}
	out := append(make(mem.BufferSlice, 0, 1+len(m.body)), mem.SliceBuffer(head))
	for _, chunk := range m.body {
		out = append(out, bufferOf(chunk))
	}
	return out, nil
}

// bufferOf returns a buffer that frees the chunk.
func bufferOf(chunk arrowipc.Chunk) mem.Buffer {
	if b, ok := chunk.(mem.Buffer); ok {
		return b
	}
	p := chunk.ReadOnlyData()
	return mem.NewBuffer(&p, freeingPool{chunk})
}

// freeingPool is the pool of a buffer that is one chunk.
type freeingPool struct{ chunk arrowipc.Chunk }

// Get implements mem.BufferPool.
func (freeingPool) Get(n int) *[]byte {
	p := make([]byte, n)
	return &p
}

// Put implements mem.BufferPool.
func (p freeingPool) Put(*[]byte) { p.chunk.Free() }
