package arrowipc

import (
	"encoding/binary"
	"math"
)

const (
	prefixSize   = 8
	alignment    = 8
	continuation = math.MaxUint32 // the first half of a prefix
)

// padded returns n rounded up to a multiple of alignment.
func padded(n int64) int64 { return (n + alignment - 1) &^ (alignment - 1) }

// prefixed returns a header with its prefix and padding.
func prefixed(header []byte) []byte {
	n := padded(int64(len(header)))
	out := make([]byte, prefixSize, prefixSize+n)
	binary.LittleEndian.PutUint32(out, continuation)
	binary.LittleEndian.PutUint32(out[4:], uint32(n))
	return append(out, header...)[:prefixSize+n]
}

// headerInfo is the content of a header that the host uses.
type headerInfo struct {
	kind Kind
	rows int64
	body int64 // size in bytes
}

// The fields of the FlatBuffer tables, by their numbers in Arrow's format/Message.fbs.
const (
	fieldKind  = 1 // of Message
	fieldTable = 2
	fieldBody  = 3
	fieldRows  = 0 // of RecordBatch
)

// parseHeader reads a header. It returns ErrHeader if the header is invalid, or if its kind is not
// one that a table has.
func parseHeader(b []byte) (headerInfo, error) {
	if len(b) > MaxHeader {
		return headerInfo{}, ErrHeader
	}
	f := flatBuffer(b)
	root, ok := f.table(0)
	if !ok {
		return headerInfo{}, ErrHeader
	}
	info := headerInfo{body: f.int64(root, fieldBody)}
	if at, ok := f.field(root, fieldKind, 1); ok {
		info.kind = Kind(b[at])
	}
	at, ok := f.field(root, fieldTable, 4)
	if ok {
		at, ok = f.table(at)
	}
	if !ok || info.body < 0 || info.kind < Schema || info.kind > Batch {
		return headerInfo{}, ErrHeader
	}
	if info.kind == Batch {
		if info.rows = f.int64(at, fieldRows); info.rows < 0 {
			return headerInfo{}, ErrHeader
		}
	}
	return info, nil
}

// flatBuffer is a FlatBuffer that nothing is known about. All positions are checked.
type flatBuffer []byte

// table returns the position of the table to which the offset at the given position leads.
func (f flatBuffer) table(at int) (int, bool) {
	if at < 0 || at+4 > len(f) {
		return 0, false
	}
	to := int64(at) + int64(binary.LittleEndian.Uint32(f[at:]))
	if to+4 > int64(len(f)) {
		return 0, false
	}
	return int(to), true
}

// field returns the position of a field of a table, which has the given size. ok is false if the
// table does not have the field, or is invalid.
func (f flatBuffer) field(table, number, size int) (at int, ok bool) {
	vtable := int64(table) - int64(int32(binary.LittleEndian.Uint32(f[table:])))
	entry := vtable + 4 + 2*int64(number)
	if vtable < 0 || vtable+4 > int64(len(f)) {
		return 0, false
	}
	if end := vtable + int64(binary.LittleEndian.Uint16(f[vtable:])); entry+2 > end || end > int64(len(f)) {
		return 0, false
	}
	offset := int(binary.LittleEndian.Uint16(f[entry:]))
	if offset == 0 || table+offset+size > len(f) {
		return 0, false
	}
	return table + offset, true
}

// int64 returns a field, or 0 if the table does not have it.
func (f flatBuffer) int64(table, number int) int64 {
	at, ok := f.field(table, number, 8)
	if !ok {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(f[at:]))
}
