package wasmbin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestHighSlots has a table that is too large for the engine. The prepared module does not contain
// it.
func TestHighSlots(t *testing.T) {
	b := &builder{}
	b.memory(0, 1)
	typ := b.typ("", i32)
	b.table(1<<32 - 1)
	b.elements(-10, b.function(typ, 0, constant(1)), b.function(typ, 0, constant(2)))
	b.elements(-3, b.function(typ, 0, constant(3)), b.function(typ, 0, constant(4)))
	b.elements(5, b.function(typ, 0, constant(5)))
	b.export("i", KindFunc, b.function(b.typ(i32, i32), 0, get(0), indirect(typ)))
	mod := newMachine(t).prepared(prepareOrFail(t, b.bytes(), Options{}))
	want := map[uint32]uint64{1<<32 - 10: 1, 1<<32 - 9: 2, 1<<32 - 3: 3, 1<<32 - 2: 4, 5: 5}
	for _, slot := range []uint32{1<<32 - 11, 1<<32 - 10, 1<<32 - 9, 1<<32 - 8, 1<<32 - 4, 1<<32 - 3, 1<<32 - 2, 1<<32 - 1, 0, 4, 5, 6, 1 << 31} {
		got, err := mod.ExportedFunction("i").Call(context.Background(), uint64(slot))
		if w, used := want[slot]; used != (err == nil) || used && got[0] != w {
			t.Errorf("slot %#x returns %d, %v", slot, got, err)
		}
	}
}

// TestWrongSlot checks that an indirect call of a wrong slot traps like the instruction
// unreachable.
func TestWrongSlot(t *testing.T) {
	b := &builder{}
	b.memory(0, 1)
	buildSignatures(b)
	mod := newMachine(t).prepared(prepareOrFail(t, b.bytes(), Options{}))
	for _, slot := range []uint64{0, 2, 7, 100} {
		_, err := mod.ExportedFunction("i").Call(context.Background(), slot)
		if err == nil || !strings.Contains(err.Error(), "unreachable") {
			t.Errorf("slot %d: error %v, want unreachable", slot, err)
		}
	}
}

func TestStats(t *testing.T) {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	b.memory(0, 1)
	buildSignatures(b)
	uncalled := b.function(b.typ("", v128), 0, op(opLoop, noResult, opEnd, opVector, opV128Const), make([]byte, 16))
	b.elements(0, uncalled, uncalled)
	p := prepareOrFail(t, b.bytes(), withFuel(5))
	want := Stats{Functions: 11, Loops: 1, IndirectCalls: 4, TableEntries: 7, Dispatched: 5, Unreachable: 2, Dispatchers: 4}
	if p.Stats != want {
		t.Errorf("stats %+v, want %+v", p.Stats, want)
	}
	info, err := Inspect(p.Code)
	if err != nil {
		t.Fatal(err)
	}
	if n := slices.IndexFunc(info.Imports, func(i Import) bool { return i.Kind != KindFunc }); n >= 0 {
		t.Errorf("a module without entries imports %v", info.Imports[n])
	}
}

// TestHugeDispatchers combines a wide signature with many slots. Each slot takes a few bytes in the
// table, and its call takes 3000.
func TestHugeDispatchers(t *testing.T) {
	b := &builder{}
	wide := b.typ(strings.Repeat(i32, 1000), "")
	f := b.function(wide, 0)
	b.table(1 << 20)
	b.elements(0, slices.Repeat([]uint32{f}, 100_000)...)
	push := slices.Repeat(constant(0), 1001)
	b.function(b.typ("", ""), 0, push, indirect(wide))
	wantError(t, b.bytes(), Options{}, "the dispatchers of 1 signatures could take")
}

// TestBranches calls all slots and their neighbours through every form of dispatcher.
func TestBranches(t *testing.T) {
	for _, gaps := range [][]int{{1}, {2}, {7, 1, 1, 1}, {8}, {100, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 500}} {
		for _, n := range []int{1, 3, 4, 5, 33, 64} {
			t.Run(fmt.Sprintf("%v/%d", gaps, n), func(t *testing.T) {
				at := make([]int, n)
				for i := 1; i < n; i++ {
					at[i] = at[i-1] + gaps[i%len(gaps)]
				}
				b := &builder{}
				b.memory(0, 1)
				buildTable(func(i int) int { return at[i] }, 2, n)(b)
				var calls []invocation
				for _, slot := range at {
					calls = append(calls, around("i", uint64(slot+3))...)
				}
				newMachine(t).compare(b.bytes(), prepareOrFail(t, b.bytes(), Options{}), calls)
			})
		}
	}
}
