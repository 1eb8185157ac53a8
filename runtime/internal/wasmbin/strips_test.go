package wasmbin

import (
	"context"
	"testing"
)

// buildLeaves defines innermost loops that are left in all ways: at their end, with a value, by
// branches and jump tables to labels inside and outside, and by return.
func buildLeaves() []byte {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	unary := b.typ(i32, i32)
	// v = 3v + n; n--
	step := code(get(1), constant(3), op(0x6c), get(0), op(opI32Add), set(1), get(0), constant(1), op(opI32Sub), set(0))
	b.export("tables", KindFunc, b.function(unary, 1, op(opBlock, noResult, opBlock, noResult, opLoop, noResult), step,
		get(0), op(0x45, opBrIf, 2), // n == 0: leave all blocks
		// n % 1009: continue after the block, next iteration, leave one block, continue
		op(opBlock, noResult), get(0), constant(1009), op(0x70, opBrTable, 3, 0, 1, 2, 0, opEnd),
		op(opBr, 0, opEnd, opEnd), get(1), constant(77), op(opI32Add), set(1), op(opEnd), get(1)))
	b.export("value", KindFunc, b.function(unary, 1, op(opLoop, i32[0]), step, get(0), op(opBrIf, 0), get(1), op(opEnd), constant(1), op(opI32Add)))
	b.export("return", KindFunc, b.function(unary, 1, op(opLoop, noResult), step, get(0), op(0x45, opIf, noResult), get(1), op(0x0f, opEnd, opBr, 0, opEnd), constant(5)))
	b.export("inner", KindFunc, b.function(unary, 2, op(opLoop, noResult), step, constant(700), set(2),
		op(opLoop, noResult), get(2), constant(1), op(opI32Sub, opLocalTee, 2, opBrIf, 0, opEnd), get(0), op(opBrIf, 0, opEnd), get(1)))
	return b.bytes()
}

// TestStrips checks that strip-mined loops have the same number of iterations as the original, for
// all lengths and all ways of leaving them.
func TestStrips(t *testing.T) {
	bin := buildLeaves()
	m := newMachine(t)
	original, prepared := m.instantiate(bin, "", nil), m.prepared(prepareOrFail(t, bin, withFuel(100)))
	for _, name := range []string{"tables", "value", "return", "inner"} {
		for n := uint64(1); n < 6000; n += 1 + n/7 {
			want, err := original.ExportedFunction(name).Call(context.Background(), n)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := prepared.ExportedFunction(name).Call(context.Background(), n); err != nil || got[0] != want[0] {
				t.Errorf("%s(%d) = %d, %v; want %d", name, n, got, err, want[0])
			}
		}
	}
	if m.ticks == 0 {
		t.Error("there was no tick")
	}
}
