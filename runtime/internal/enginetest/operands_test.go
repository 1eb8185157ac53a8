package enginetest

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// plain are the bits of vectors whose lanes are not NaN, infinite or zero, whichever type they have.
var plain = [4]uint64{0x3ff8000040490fdb, 0xbfe4cccd3fc00001, 0x4008000041200003, 0x400c1112c0900005}

func vectorConstant(low, high uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64([]byte{0xfd, 12}, low), high)
}

// forms are functions of a module without state that are called one after the other.
type forms struct {
	module
	names []string
}

func (f *forms) add(name string, params, results, locals, body []byte) {
	f.function(name, params, results, locals, body)
	f.names = append(f.names, name)
}

// compare calls each function with the arguments in all engines.
func (f *forms) compare(t *testing.T, args ...uint64) {
	t.Helper()
	p := compile(t, engines(t), &f.module).instantiate(t)
	for _, name := range f.names {
		p.call(t, name, args...)
	}
}

// TestVectorOperands runs each operation on two vectors with a constant on either side, and with an
// accumulator of a loop on either side (engine/patches, 31 and 33).
func TestVectorOperands(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	eachVectorOperation(2, func(n uint64, op []byte) {
		c := vectorConstant(plain[2], plain[3])
		for kind, body := range map[string][]byte{
			"constant second": cat(pair(0), c, op),
			"constant first":  cat(c, pair(0), op),
			"constant twice":  cat(pair(0), c, op, c, vectorCode(81)),
			"zero":            cat(pair(0), vectorConstant(0, 0), vectorCode(206), c, op),
			"accumulator":     accumulate(cat(pair(0), get(2), op)),
			"first":           accumulate(cat(get(2), pair(0), op)),
		} {
			name := fmt.Sprintf("%d, %s", n, kind)
			f.add(name, []byte{i64, i64}, []byte{i64, i64}, []byte{v128, i32, v128}, cat(body, lanesOf(4)))
		}
	})
	f.compare(t, plain[0], plain[1])
}

// accumulate sets the vector in local 2 three times.
func accumulate(step []byte) []byte {
	return cat(pair(0), set(2), []byte{0x03, 0x40}, step, set(2),
		get(3), constant(i32, 1), []byte{0x6a}, tee(3), constant(i32, 3), []byte{0x49, 0x0d, 0, 0x0b}, get(2))
}

// TestConstantShifts shifts lanes of all sizes by constants.
func TestConstantShifts(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	for _, first := range []uint64{107, 139, 171, 203} {
		for n := first; n < first+3; n++ {
			for _, amount := range []uint64{0, 1, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 1<<32 - 1} {
				name := fmt.Sprintf("%d by %d", n, amount)
				f.add(name, []byte{i64, i64}, []byte{i64, i64}, []byte{v128}, cat(pair(0), constant(i32, amount), vectorCode(n), lanesOf(2)))
			}
		}
	}
	f.compare(t, 0x8091a2b3c4d5e6f7, 0x0123456789abcdef)
}

// TestFloatConstants has constants, and values in the memory, on either side of operations.
func TestFloatConstants(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	for _, typ := range []struct {
		typ, first, load, store byte
		values                  []uint64
	}{
		{f32, 0x92, 0x2a, 0x38, []uint64{0, 0x80000000, 0x3fc00000, 0xc0490fdb}},
		{f64, 0xa0, 0x2b, 0x39, []uint64{0, 1 << 63, plain[0], plain[3]}},
	} {
		for n := typ.first; n < typ.first+4; n++ {
			for _, v := range typ.values {
				c, loaded := constant(typ.typ, v), cat(constant(i32, 64), access([]byte{typ.load}, 0))
				store := cat(constant(i32, 64), constant(typ.typ, typ.values[2]), access([]byte{typ.store}, 0))
				for kind, body := range map[string][]byte{
					"second": cat(get(0), c, []byte{n}), "first": cat(c, get(0), []byte{n}),
					"loaded second": cat(store, get(0), c, []byte{typ.first}, loaded, []byte{n}),
					"loaded first":  cat(store, loaded, get(0), c, []byte{typ.first, n}),
				} {
					name := fmt.Sprintf("%#x %#x, %s", n, v, kind)
					f.add(name, []byte{typ.typ}, []byte{typ.typ}, nil, body)
				}
			}
		}
	}
	f.compare(t, plain[1])
}

// TestLoadedOperands has loads on either side of operations on integers.
func TestLoadedOperands(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	for _, typ := range []struct{ typ, first, and, load, store byte }{{i32, 0x6a, 0x71, 0x28, 0x36}, {i64, 0x7c, 0x83, 0x29, 0x37}} {
		address := func(at uint64) []byte { return constant(i32, at) }
		stores := cat(address(64), get(0), access([]byte{typ.store}, 0), address(96), constant(typ.typ, 77), access([]byte{typ.store}, 0))
		a, b := cat(address(64), access([]byte{typ.load}, 0)), cat(address(96), access([]byte{typ.load}, 0))
		for n := range byte(6) {
			op := []byte{typ.first + n} // add, sub, mul
			if n > 2 {
				op = []byte{typ.and + n - 3} // and, or, xor
			}
			for kind, body := range map[string][]byte{
				"first": cat(a, get(1), op), "second": cat(get(1), a, op), "both": cat(a, b, op),
				"constant": cat(a, constant(typ.typ, 5), op), "sum": cat(a, get(1), []byte{typ.first}, b, op),
			} {
				name := fmt.Sprintf("%x, %x, %s", typ.typ, op, kind)
				f.add(name, []byte{typ.typ, typ.typ}, []byte{typ.typ}, nil, cat(stores, body))
			}
		}
	}
	f.compare(t, 0x12345678, 0xfedcba98)
}

// TestElementAddresses adds a shifted number and constants of all sizes (engine/patches, 29).
func TestElementAddresses(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
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
					f.add(name, []byte{typ.typ, typ.typ}, []byte{typ.typ}, nil, body)
				}
			}
		}
	}
	f.compare(t, 0xfffffff0, 0x12345678)
}
