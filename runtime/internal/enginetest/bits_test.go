package enginetest

import (
	"fmt"
	"testing"
)

// TestZeroAndBits branches on comparisons of zero with a bitwise and, which the compiler does not
// compute for a branch, because the flags of the and say the same (patch 17).
func TestZeroAndBits(t *testing.T) {
	if !patched() {
		t.Skip("the released engine takes some of these branches wrongly")
	}
	all := engines(t)
	m := &module{minPages: 1, maxPages: 1}
	types := map[string]byte{} // of the parameters, by function
	for _, typ := range []byte{i32, i64} {
		and, first := byte(0x71), 0x46
		if typ == i64 {
			and, first = 0x83, 0x51
		}
		bits := cat(get(0), get(1), []byte{and})
		for comparison := first; comparison < first+10; comparison++ {
			for order, operands := range map[string][]byte{"zero first": cat(constant(typ, 0), bits), "zero second": cat(bits, constant(typ, 0))} {
				name := fmt.Sprintf("%x %#x, %s", typ, comparison, order)
				body := cat(operands, []byte{byte(comparison), 0x04, i32}, constant(i32, 1), []byte{0x05}, constant(i32, 2), []byte{0x0b})
				m.function(name, []byte{typ, typ}, []byte{i32}, nil, body)
				types[name] = typ
			}
		}
	}
	p := compile(t, all, m).instantiate(t)
	for name, typ := range types {
		bits := uint64(1<<64 - 1)
		if typ == i32 {
			bits = 1<<32 - 1
		}
		for _, mask := range []uint64{0, 1, 3, 1 << 31, 1<<32 - 1, 1 << 63, 1<<64 - 1} {
			for _, v := range []uint64{0, 1, 2, 1<<31 | 1, 1<<63 | 1, 1<<64 - 1} {
				p.call(t, name, v&bits, mask&bits)
			}
		}
	}
}
