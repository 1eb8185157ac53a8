package wasmbin

import (
	"encoding/binary"
	"math"
	"testing"
)

func TestIntegers(t *testing.T) {
	for _, v := range []int32{0, 1, -1, 63, 64, -64, -65, 1 << 20, math.MaxInt32, math.MinInt32} {
		b := appendI32(nil, v)
		for _, bits := range []int{32, 33, 64} {
			r := reader{b: b, end: len(b)}
			if got := r.signed(bits); got != int64(v) || r.done() != nil {
				t.Errorf("% x as %d bits is %d, error %v; want %d", b, bits, got, r.err, v)
			}
		}
	}
	for _, v := range []uint32{0, 1, 127, 128, 1 << 20, math.MaxUint32} {
		b := binary.AppendUvarint(nil, uint64(v))
		r := reader{b: b, end: len(b)}
		if got := r.u32(); got != v || r.done() != nil {
			t.Errorf("% x is %d, error %v; want %d", b, got, r.err, v)
		}
		setLength(append(b[:0], 0, 0, 0, 0, 0), int(v))
		r = reader{b: b[:5], end: 5}
		if got := r.u32(); got != v || r.done() != nil {
			t.Errorf("padded: % x is %d, error %v; want %d", b[:5], got, r.err, v)
		}
	}
}

func TestLongIntegers(t *testing.T) {
	for _, c := range []struct {
		bits int
		b    string
		want int64
		ok   bool
	}{
		{64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f", math.MinInt64, true},
		{64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", math.MaxInt64, true},
		{64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0, false},
		{64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 0, false},
		{33, "\xff\xff\xff\xff\x0f", math.MaxUint32, true},
		{33, "\x80\x80\x80\x80\x10", 0, false},
		{33, "\x80\x80\x80\x80\x70", -1 << 32, true},
		{33, "\x80\x80\x80\x80\x60", 0, false},
		{32, "\xff\xff\xff\xff\x07", math.MaxInt32, true},
		{32, "\x80\x80\x80\x80\x08", 0, false},
		{32, "\x80\x80\x80\x80\x78", math.MinInt32, true},
		{32, "\x80\x80\x80\x80\x80\x00", 0, false},
		{32, "\x80", 0, false},
	} {
		r := reader{b: []byte(c.b), end: len(c.b)}
		if got := r.signed(c.bits); got != c.want || (r.done() == nil) != c.ok {
			t.Errorf("% x as %d bits is %d, error %v; want %d", c.b, c.bits, got, r.err, c.want)
		}
	}
	for _, b := range []string{"\xff\xff\xff\xff\x1f", "\x80\x80\x80\x80\x80\x00", "\x80\x80", ""} {
		r := reader{b: []byte(b), end: len(b)}
		if r.u32(); r.err == nil {
			t.Errorf("% x was accepted as an integer of 32 bits", b)
		}
	}
}
