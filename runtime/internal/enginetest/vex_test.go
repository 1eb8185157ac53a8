package enginetest

import (
	"fmt"
	"testing"
)

// unaligned is an address that no vector may have in an operand of SSE.
const unaligned = 3*16 + 7

// storeVector stores two numbers as a vector in the memory.
func storeVector(at uint64, low, high []byte) []byte {
	return cat(constant(i32, at), low, access([]byte{0x37}, 0), constant(i32, at), high, access([]byte{0x37}, 8))
}

func loadVector(at uint64) []byte { return cat(constant(i32, at), access(vectorCode(0), 0)) }

// TestLoadedVectors runs each operation on two vectors with one of them, or both, in the memory, and
// with operands that are used again (engine/patches, 34 to 36).
func TestLoadedVectors(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	add := vectorCode(206)
	eachVectorOperation(2, func(n uint64, op []byte) {
		stored := storeVector(unaligned, get(1), get(0))
		for kind, body := range map[string][]byte{
			"second":      cat(pair(0), loadVector(unaligned), op),
			"first":       cat(loadVector(unaligned), pair(0), op),
			"both":        cat(loadVector(unaligned), loadVector(unaligned-1), op),
			"equal":       cat(loadVector(unaligned), tee(2), get(2), op),
			"first kept":  cat(pair(0), tee(2), loadVector(unaligned), op, get(2), add),
			"second kept": cat(pair(0), loadVector(unaligned), tee(2), op, get(2), add),
			"stored":      cat(pair(0), loadVector(unaligned), storeVector(unaligned, constant(i64, 1), constant(i64, 2)), op),
		} {
			name := fmt.Sprintf("%d, %s", n, kind)
			f.add(name, []byte{i64, i64}, []byte{i64, i64}, []byte{v128, v128}, cat(stored, body, lanesOf(3)))
		}
	})
	f.compare(t, plain[0], plain[1])
}

// TestVectorAddresses loads operands through indices and large offsets, up to the end of the memory.
func TestVectorAddresses(t *testing.T) {
	f := forms{module: module{minPages: 2, maxPages: 2}}
	const add, end = 206, 2 * page
	for _, at := range []uint64{0, 1, 8, 127, 128, 1 << 12, 1<<16 - 5, end - 16, end - 15, end} {
		for _, offset := range []uint64{0, 1, 16, 127, 128, 1 << 16} {
			load := cat(get(2), constant(i32, 3), []byte{0x74}, constant(i32, at), []byte{0x6a}, access(vectorCode(0), offset))
			name := fmt.Sprintf("%d + %d", at, offset)
			f.add(name, []byte{i64, i64, i32}, []byte{i64, i64}, []byte{v128}, cat(pair(0), load, vectorCode(add), lanesOf(3)))
		}
	}
	f.compare(t, plain[0], plain[1], 2)
}

// TestVectorSelections selects by masks of comparisons, of logical operations on them, and of others
// (engine/patches, 37).
func TestVectorSelections(t *testing.T) {
	f := forms{module: module{minPages: 1, maxPages: 1}}
	x, y, selection := get(4), get(5), vectorCode(82)
	masks := map[string][]byte{"parameters": x, "sum": cat(x, y, vectorCode(206)), "constant": vectorConstant(plain[0], 0xff00)}
	for n := uint64(35); n <= 76; n++ {
		masks[fmt.Sprint(n)] = cat(x, y, vectorCode(n))
	}
	less, greater := masks["37"], masks["39"]
	masks["not"] = cat(less, vectorCode(77))
	for n := uint64(78); n <= 81; n++ {
		masks[fmt.Sprint("logical ", n)] = cat(less, greater, vectorCode(n))
		masks[fmt.Sprint("with a parameter ", n)] = cat(less, x, vectorCode(n))
	}
	for name, mask := range masks {
		for kind, body := range map[string][]byte{
			"new":    cat(pair(2), pair(0), mask, selection),
			"kept":   cat(x, y, mask, selection, x, vectorCode(206), y, vectorCode(209)),
			"equal":  cat(y, y, mask, selection),
			"mask":   cat(mask, tee(6), y, get(6), selection),
			"second": cat(x, mask, tee(6), get(6), selection),
			"twice":  cat(mask, tee(6), x, y, get(6), selection, vectorCode(81)),
		} {
			body = cat(pair(0), set(4), pair(2), set(5), body, lanesOf(7))
			f.add(name+", "+kind, []byte{i64, i64, i64, i64}, []byte{i64, i64}, []byte{v128, v128, v128, v128}, body)
		}
	}
	f.compare(t, 0x8091a2b3c4d5e6f7, plain[1], 0x80ffa200c4d55e7f, plain[3])
}
