package wasmbin

import "fmt"

const pageSize = 1 << 16

// Segment is a part of the memory that must be initialized before the first instance of a prepared
// module runs.
type Segment struct {
	Offset uint32
	Bytes  []byte // shared with the binary that was prepared
}

// segments decodes the data section. The order of the segments matters: where two overlap, the
// later one wins.
func (m *module) segments() ([]Segment, error) {
	r := m.raw[secData]
	var segments []Segment
	for i := range m.items[secData] {
		s := m.segment(&r)
		if r.err != nil {
			return nil, fmt.Errorf("data segment %d: %w", i, r.err)
		}
		segments = append(segments, s)
	}
	return segments, r.done()
}

func (m *module) segment(r *reader) Segment {
	switch kind := r.u32(); kind {
	case 0:
	case 1:
		r.fail("passive segments are not allowed")
	case 2:
		if mem := r.u32(); mem != 0 {
			r.fail("memory %d: multiple memories are not allowed", mem)
		}
	default:
		r.fail("unknown kind %d of segment", kind)
	}
	s := Segment{r.offset(), r.take(r.u32())}
	if end, size := uint64(s.Offset)+uint64(len(s.Bytes)), m.minBytes(); end > size || len(m.memories) == 0 {
		r.fail("the segment ends at %d, the memory has %d bytes", end, size)
	}
	return s
}

// minBytes returns the minimum size of the memory in bytes.
func (m *module) minBytes() uint64 {
	if len(m.memories) == 0 {
		return 0
	}
	return uint64(m.memories[0].min) * pageSize
}
