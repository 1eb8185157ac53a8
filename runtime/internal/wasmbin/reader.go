package wasmbin

import (
	"fmt"
	"unicode/utf8"
)

// reader reads a part of a binary. After the first error all further reads return zero, so that a
// caller may check err once for several reads.
type reader struct {
	b   []byte // the whole binary, so that positions in messages are offsets in the file
	p   int
	end int
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %#x: %s", r.p, fmt.Sprintf(format, args...))
	}
	r.p = r.end
}

func (r *reader) more() bool { return r.p < r.end && r.err == nil }

// done fails if there is data left, and returns the error.
func (r *reader) done() error {
	if r.err == nil && r.p != r.end {
		r.fail("%d unexpected bytes at the end", r.end-r.p)
	}
	return r.err
}

func (r *reader) u8() byte {
	if r.p >= r.end {
		r.fail("unexpected end of data")
		return 0
	}
	r.p++
	return r.b[r.p-1]
}

func (r *reader) u32() uint32 {
	if r.p < r.end && r.b[r.p] < 0x80 {
		r.p++
		return uint32(r.b[r.p-1])
	}
	return r.longU32()
}

func (r *reader) longU32() uint32 {
	var v uint32
	for shift := 0; r.err == nil; shift += 7 {
		c := r.u8()
		if shift == 28 && c > 0x0f {
			r.fail("integer of more than 32 bits")
			return 0
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	return 0
}

// signed reads a signed LEB128 integer of 32, 33 or 64 bits.
func (r *reader) signed(bits int) int64 {
	var v int64
	for shift := 0; shift < bits && r.err == nil; shift += 7 {
		c := r.u8()
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if extended := extend(v, shift+7); inRange(extended, bits) && (shift < 63 || c == 0 || c == 0x7f) {
				return extended // the tenth byte of a 64-bit integer contains one bit and its sign
			}
			break
		}
	}
	r.fail("integer of more than %d bits", bits)
	return 0
}

// extend sign-extends the lowest n bits of v.
func extend(v int64, n int) int64 {
	if n >= 64 {
		return v
	}
	return v << (64 - n) >> (64 - n)
}

func inRange(v int64, bits int) bool {
	top := v >> (bits - 1)
	return top == 0 || top == -1
}

// count reads the length of a vector. It fails if the remaining data is too short for that many
// items of at least size bytes.
func (r *reader) count(size int) int {
	n := r.u32()
	if uint64(n)*uint64(size) > uint64(r.end-r.p) {
		r.fail("%d items do not fit into %d bytes", n, r.end-r.p)
		return 0
	}
	return int(n)
}

// take returns the next n bytes, which are not copied.
func (r *reader) take(n uint32) []byte {
	if uint64(n) > uint64(r.end-r.p) {
		r.fail("%d bytes expected, %d left", n, r.end-r.p)
		return nil
	}
	r.p += int(n)
	return r.b[r.p-int(n) : r.p : r.p]
}

// part returns a reader for the next part, which is preceded by its length in bytes.
func (r *reader) part() reader {
	n := len(r.take(r.u32()))
	return reader{b: r.b, p: r.p - n, end: r.p, err: r.err}
}

func (r *reader) name() string {
	b := r.take(r.u32())
	if !utf8.Valid(b) {
		r.fail("a name is not UTF-8")
	}
	return string(b)
}
