package enginetest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
)

// plain are the bits of vectors whose lanes are not NaN, infinite or zero, whichever type they have.
var plain = [4]uint64{0x3ff8000040490fdb, 0xbfe4cccd3fc00001, 0x4008000041200003, 0x400c1112c0900005}

func vectorConstant(low, high uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64([]byte{0xfd, 12}, low), high)
}

// TestVectorOperands runs each operation on two vectors with a constant on either side, and with an
// accumulator of a loop on either side (engine/patches, 31 and 33).
func TestVectorOperands(t *testing.T) {
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	for _, r := range vectorRanges {
		for n := r.from; n <= r.to && r.result == v128 && slices.Equal(r.operands, []byte{v128, v128}); n++ {
			op, c := vectorCode(n), vectorConstant(plain[2], plain[3])
			for kind, body := range map[string][]byte{
				"constant second": cat(pair(0), c, op),
				"constant first":  cat(c, pair(0), op),
				"constant twice":  cat(pair(0), c, op, c, vectorCode(81)),
				"zero":            cat(pair(0), vectorConstant(0, 0), vectorCode(206), c, op),
				"accumulator":     accumulate(cat(pair(0), get(2), op)),
				"first":           accumulate(cat(get(2), pair(0), op)),
			} {
				name := fmt.Sprintf("%d, %s", n, kind)
				m.function(name, []byte{i64, i64}, []byte{i64, i64}, []byte{v128, i32, v128}, cat(body, lanesOf(4)))
				names = append(names, name)
			}
		}
	}
	p := compile(t, engines(t), m).instantiate(t)
	for _, name := range names {
		p.call(t, name, plain[0], plain[1])
	}
}

// accumulate sets the vector in local 2 three times.
func accumulate(step []byte) []byte {
	return cat(pair(0), set(2), []byte{0x03, 0x40}, step, set(2),
		get(3), constant(i32, 1), []byte{0x6a}, tee(3), constant(i32, 3), []byte{0x49, 0x0d, 0, 0x0b}, get(2))
}

// TestConstantShifts shifts lanes of all sizes by constants.
func TestConstantShifts(t *testing.T) {
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	for _, first := range []uint64{107, 139, 171, 203} {
		for n := first; n < first+3; n++ {
			for _, amount := range []uint64{0, 1, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 1<<32 - 1} {
				name := fmt.Sprintf("%d by %d", n, amount)
				m.function(name, []byte{i64, i64}, []byte{i64, i64}, []byte{v128}, cat(pair(0), constant(i32, amount), vectorCode(n), lanesOf(2)))
				names = append(names, name)
			}
		}
	}
	p := compile(t, engines(t), m).instantiate(t)
	for _, name := range names {
		p.call(t, name, 0x8091a2b3c4d5e6f7, 0x0123456789abcdef)
	}
}

// TestFloatConstants has constants, and values in the memory, on either side of operations.
func TestFloatConstants(t *testing.T) {
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	for _, f := range []struct {
		typ, first, load, store byte
		values                  []uint64
	}{
		{f32, 0x92, 0x2a, 0x38, []uint64{0, 0x80000000, 0x3fc00000, 0xc0490fdb}},
		{f64, 0xa0, 0x2b, 0x39, []uint64{0, 1 << 63, plain[0], plain[3]}},
	} {
		for n := f.first; n < f.first+4; n++ {
			for _, v := range f.values {
				c, loaded := constant(f.typ, v), cat(constant(i32, 64), access([]byte{f.load}, 0))
				store := cat(constant(i32, 64), constant(f.typ, f.values[2]), access([]byte{f.store}, 0))
				for kind, body := range map[string][]byte{
					"second": cat(get(0), c, []byte{n}), "first": cat(c, get(0), []byte{n}),
					"loaded second": cat(store, get(0), c, []byte{f.first}, loaded, []byte{n}),
					"loaded first":  cat(store, loaded, get(0), c, []byte{f.first, n}),
				} {
					name := fmt.Sprintf("%#x %#x, %s", n, v, kind)
					m.function(name, []byte{f.typ}, []byte{f.typ}, nil, body)
					names = append(names, name)
				}
			}
		}
	}
	p := compile(t, engines(t), m).instantiate(t)
	for _, name := range names {
		p.call(t, name, plain[1])
	}
}

// TestLoadedOperands has loads on either side of operations on integers.
func TestLoadedOperands(t *testing.T) {
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	for _, f := range []struct{ typ, first, and, load, store byte }{{i32, 0x6a, 0x71, 0x28, 0x36}, {i64, 0x7c, 0x83, 0x29, 0x37}} {
		address := func(at uint64) []byte { return constant(i32, at) }
		stores := cat(address(64), get(0), access([]byte{f.store}, 0), address(96), constant(f.typ, 77), access([]byte{f.store}, 0))
		a, b := cat(address(64), access([]byte{f.load}, 0)), cat(address(96), access([]byte{f.load}, 0))
		for n := range byte(6) {
			op := []byte{f.first + n} // add, sub, mul
			if n > 2 {
				op = []byte{f.and + n - 3} // and, or, xor
			}
			for kind, body := range map[string][]byte{
				"first": cat(a, get(1), op), "second": cat(get(1), a, op), "both": cat(a, b, op),
				"constant": cat(a, constant(f.typ, 5), op), "sum": cat(a, get(1), []byte{f.first}, b, op),
			} {
				name := fmt.Sprintf("%x, %x, %s", f.typ, op, kind)
				m.function(name, []byte{f.typ, f.typ}, []byte{f.typ}, nil, cat(stores, body))
				names = append(names, name)
			}
		}
	}
	p := compile(t, engines(t), m).instantiate(t)
	for _, name := range names {
		p.call(t, name, 0x12345678, 0xfedcba98)
	}
}

// TestElementAddresses adds a shifted number and constants of all sizes (engine/patches, 29).
func TestElementAddresses(t *testing.T) {
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	for _, typ := range []struct{ typ, add, shl byte }{{i32, 0x6a, 0x74}, {i64, 0x7c, 0x86}} {
		for shift := range uint64(5) {
			shifted := cat(get(1), constant(typ.typ, shift), []byte{typ.shl})
			for _, c := range []uint64{0, 4, 1<<64 - 8, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 40} {
				for kind, body := range map[string][]byte{
					"second": cat(get(0), shifted, []byte{typ.add}, constant(typ.typ, c), []byte{typ.add}),
					"first":  cat(shifted, get(0), []byte{typ.add}, constant(typ.typ, c), []byte{typ.add}),
					"both":   cat(shifted, shifted, []byte{typ.add}, constant(typ.typ, c), []byte{typ.add}),
					"outer":  cat(get(0), constant(typ.typ, c), []byte{typ.add}, shifted, []byte{typ.add}),
					"left":   cat(constant(typ.typ, c), get(0), shifted, []byte{typ.add, typ.add}),
				} {
					name := fmt.Sprintf("%x << %d + %#x, %s", typ.typ, shift, c, kind)
					m.function(name, []byte{typ.typ, typ.typ}, []byte{typ.typ}, nil, body)
					names = append(names, name)
				}
			}
		}
	}
	p := compile(t, engines(t), m).instantiate(t)
	for _, name := range names {
		p.call(t, name, 0xfffffff0, 0x12345678)
	}
}
