package flight

import (
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec "proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"tabcell/httpapi/flight/flightpb"
	"tabcell/httpapi/internal/arrowipc"
)

// The fields of FlightData.
const (
	fieldDescriptor = 1
	fieldHeader     = 2
	fieldBody       = 1000
)

// flightData is a FlightData whose body is in the chunks of a table. The generated type would copy
// it, and double the memory of a table.
type flightData struct {
	descriptor *flightpb.FlightDescriptor
	header     []byte
	body       []arrowipc.Chunk
}

// codec encodes flightData by itself, and other messages with protobuf.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

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
