package enginetest

import (
	"fmt"
	"testing"
)

// TestSplats copies numbers to all lanes: parameters, results of other operations, and numbers in the
// memory at addresses that are not aligned (engine/patches, 38).
func TestSplats(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	add := func(name string, body ...[]byte) {
		stored := cat(constant(i32, unaligned), get(1), access([]byte{0x37}, 0))
		f.add(name, []byte{i32, i64, f32, f64}, []byte{i64, i64}, []byte{v128, v128}, cat(stored, cat(body...), lanesOf(5)))
	}
	for n := uint64(7); n <= 10; n++ {
		for offset := range uint64(3) {
			add(fmt.Sprintf("load %d + %d", n, offset), constant(i32, unaligned), access(vectorCode(n), offset))
		}
	}
	for n, s := range map[uint64]struct {
		local           int
		load, operation byte
	}{15: {0, 0x28, 0x6a}, 16: {0, 0x28, 0x6a}, 17: {0, 0x28, 0x6a}, 18: {1, 0x29, 0x7c}, 19: {2, 0x2a, 0x92}, 20: {3, 0x2b, 0xa0}} {
		x, splat := get(s.local), vectorCode(n)
		add(fmt.Sprint(n, " of a parameter"), x, splat)
		add(fmt.Sprint(n, " of a sum"), x, x, []byte{s.operation}, splat)
		add(fmt.Sprint(n, " of a load"), constant(i32, unaligned), access([]byte{s.load}, 1), splat)
		add(fmt.Sprint(n, " twice"), x, splat, tee(4), x, x, []byte{s.operation}, splat, get(4), vectorCode(206), vectorCode(81))
	}
	add("narrow loads", constant(i32, unaligned), access([]byte{0x2d}, 1), vectorCode(15), constant(i32, unaligned), access([]byte{0x2f}, 1), vectorCode(16), vectorCode(206))
	f.compare(t, 0x80c1a2f3, 0x8091a2b3c4d5e6f7, 0x40490fdb, plain[3])
}

// TestLanes extracts each lane and uses it as a number of its type, and as a part of a new vector.
func TestLanes(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	for _, s := range []struct {
		extract, replace uint64
		typ, lanes       byte
		operation        byte
	}{
		{21, 23, i32, 16, 0x6a}, {22, 23, i32, 16, 0x6a}, {24, 26, i32, 8, 0x6a}, {25, 26, i32, 8, 0x6a}, {27, 28, i32, 4, 0x6a},
		{29, 30, i64, 2, 0x7c}, {31, 32, f32, 4, 0x92}, {33, 34, f64, 2, 0xa0},
	} {
		for lane := range s.lanes {
			extract := append(vectorCode(s.extract), lane)
			for target := range s.lanes {
				replace := append(vectorCode(s.replace), target)
				body := cat(pair(0), set(2), get(2), get(2), extract, get(2), extract, []byte{s.operation}, replace)
				f.add(fmt.Sprintf("%d: %d to %d", s.extract, lane, target), []byte{i64, i64}, []byte{i64, i64}, []byte{v128, v128}, cat(body, lanesOf(3)))
			}
		}
	}
	f.compare(t, plain[0], plain[2])
}

// TestVectorsAlone runs each operation on one vector, with operands that are used again, that are not,
// and that are in the memory.
func TestVectorsAlone(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	eachVectorOperation(1, func(n uint64, op []byte) {
		stored := storeVector(unaligned, get(1), get(0))
		for kind, body := range map[string][]byte{
			"new": cat(pair(0), op), "kept": cat(pair(0), tee(2), op, get(2), vectorCode(206)),
			"loaded": cat(stored, loadVector(unaligned), op), "twice": cat(pair(0), op, op),
		} {
			f.add(fmt.Sprintf("%d, %s", n, kind), []byte{i64, i64}, []byte{i64, i64}, []byte{v128, v128}, cat(body, lanesOf(3)))
		}
	})
	f.compare(t, plain[0], plain[1])
}
