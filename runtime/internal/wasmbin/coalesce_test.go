package wasmbin

import (
	"bytes"
	"context"
	"fmt"
	"testing"
)

// load8 loads the byte at an offset from the address on the stack.
func load8(offset byte) []byte { return op(opI32Load8U, 0, offset) }

// load32 loads four bytes.
func load32(offset byte) []byte { return op(0x28, 0, offset) }

// buildAccesses defines functions that access fields through pointers at increasing offsets, in all
// kinds of blocks.
func buildAccesses(b *builder) {
	monad := b.typ(i32, i32)
	b.memory(0, 1)
	b.data(100, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17")
	sum := op(opI32Add)
	b.export("rising", KindFunc, b.function(monad, 0, get(0), load8(0), get(0), load8(9), sum, get(0), load32(4), sum))
	b.export("guarded", KindFunc, b.function(monad, 0, get(0), load8(0), op(opIf, typeI32), get(0), load32(100), op(opElse), constant(7), op(opEnd)))
	b.export("either", KindFunc, b.function(monad, 1, get(0), load8(0), op(opIf, typeI32), get(0), load8(1), op(opElse), get(0), load8(2), op(opEnd),
		get(0), load8(3), sum))
	// the block is left if the parameter is at least 110
	b.export("skipped", KindFunc, b.function(monad, 1, op(opBlock, noResult), get(0), constant(110), op(0x4f), op(opBrIf, 0),
		get(0), load8(1), set(1), op(opEnd), get(0), load8(0), get(1), sum))
	b.export("changed", KindFunc, b.function(monad, 1, get(0), load8(0), get(0), constant(3), sum, set(0), get(0), load8(5), sum,
		op(opBlock, noResult), get(0), load8(1), op(opBrIf, 0), constant(101), set(0), op(opEnd), get(0), load8(12), sum))
	b.export("loop", KindFunc, b.function(monad, 2, constant(5), set(1), op(opLoop, noResult), get(0), load8(0), get(0), load8(7), sum, get(2), sum, set(2),
		get(0), constant(1), sum, set(0), get(1), constant(1), op(opI32Sub, opLocalTee, 1, opBrIf, 0, opEnd), get(2)))
	b.export("table", KindFunc, b.function(monad, 1, op(opBlock, noResult, opBlock, noResult), get(0), load8(0), set(1), get(0), load8(1), op(opBrTable, 2, 0, 1, 0),
		op(opEnd), get(0), load8(6), set(1), op(opEnd), get(0), load8(4), get(1), sum))
	b.export("stores", KindFunc, b.function(monad, 0, get(0), constant(9), op(0x3a, 0, 40), get(0), constant(8), op(0x36, 0, 44), get(0), load32(41)))
	b.export("lanes", KindFunc, b.function(monad, 0, get(0), op(opVector, 0x00, 0, 0), get(0), op(opVector, 0x5c, 0, 12), op(opVector, 0x50),
		op(opVector, 0x1b, 0), get(0), load32(20), sum))
	b.export("fixed", KindFunc, b.function(monad, 0, constant(100), load8(1), constant(104), load32(0), sum, constant(60), get(0), op(0x36, 0, 60),
		constant(120), load32(0), sum))
	b.export("unreachable", KindFunc, b.function(monad, 0, get(0), load8(0), op(opIf, noResult), get(0), load8(3), op(opReturn, opDrop, opEnd), get(0), load8(2)))
}

var accessNames = []string{"rising", "guarded", "either", "skipped", "changed", "loop", "table", "stores", "lanes", "fixed", "unreachable"}

// pair returns a module and its prepared form.
func pair(t *testing.T, build func(*builder), coalesce bool) (m *machine, bin []byte, p *Prepared) {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	build(b)
	bin = b.bytes()
	return newMachine(t), bin, prepareOrFail(t, bin, Options{Fuel: 100, TickModule: "tabcell", TickName: "tick", Coalesce: coalesce})
}

// TestCoalesce compares results, also near the end of the memory, where a check reaches further
// than the access of the original.
func TestCoalesce(t *testing.T) {
	m, bin, p := pair(t, buildAccesses, true)
	before, after := m.instantiate(bin, "", nil), m.prepared(p)
	ctx, compared := context.Background(), 0
	for _, name := range accessNames {
		for pointer := uint64(90); pointer < 65536; pointer++ {
			if pointer == 130 {
				pointer = 65100
			}
			if pointer > 65400 && (name == "stores" || name == "fixed") {
				break // the original writes before it traps
			}
			want, err := before.ExportedFunction(name).Call(ctx, pointer)
			if err != nil {
				continue // beyond the memory of the original
			}
			compared++
			got, err := after.ExportedFunction(name).Call(ctx, pointer)
			if err != nil || got[0] != want[0] {
				t.Fatalf("%s(%d) = %d, %v; the original returns %d", name, pointer, got, err, want[0])
			}
		}
	}
	if a, b := memory(before), memory(after); !bytes.Equal(a, b[:len(a)]) || len(b) != len(a)+1<<16 {
		t.Errorf("the memories, of %d and %d bytes, differ", len(a), len(b))
	}
	if p.Stats.Analyzed != len(accessNames) || p.Stats.Checks < 9 || compared < 4000 {
		t.Errorf("%d functions analyzed, %d checks inserted, %d results compared", p.Stats.Analyzed, p.Stats.Checks, compared)
	}
}

// TestSparePage checks that the check for a field that is not read would trap at the end of the
// memory without the spare page.
func TestSparePage(t *testing.T) {
	m, _, p := pair(t, buildAccesses, true)
	at := uint64(p.MinPages-1)<<16 - 1
	if got, err := m.prepared(p).ExportedFunction("guarded").Call(context.Background(), at); err != nil || got[0] != 7 {
		t.Errorf("guarded(%d) = %d, %v", at, got, err)
	}
	if _, err := m.prepared(p).ExportedFunction("guarded").Call(context.Background(), at+1<<16-50); err == nil {
		t.Error("a check beyond the spare page did not trap")
	}
}

// TestCoalesceSamples compares results of the sample modules, except for bulk instructions that
// exceed the memory.
func TestCoalesceSamples(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			m, bin, p := pair(t, func(b *builder) {
				s.build(b)
				if len(b.sections[secMemory]) == 0 {
					b.memory(0, 1)
				}
			}, true)
			before, after := m.instantiate(bin, "", nil), m.prepared(p)
			for _, c := range s.calls {
				if c.name == "fill" && c.args[0] > 65000 {
					continue
				}
				want, wantErr := before.ExportedFunction(c.name).Call(context.Background(), c.args...)
				got, gotErr := after.ExportedFunction(c.name).Call(context.Background(), c.args...)
				if fmt.Sprint(want) != fmt.Sprint(got) || (wantErr == nil) != (gotErr == nil) {
					t.Errorf("%s(%d) = %d, %v; the original returns %d, %v", c.name, c.args, got, gotErr, want, wantErr)
				}
			}
		})
	}
}

// TestEffectsAreComplete checks that every supported instruction has an effect or is handled by the
// tracker itself.
func TestEffectsAreComplete(t *testing.T) {
	named := func(op int) bool {
		return op == opUnreachable || op >= opBlock && op <= opReturn || op >= opCall && op <= opReturnCallIndirect ||
			op >= opLocalGet && op <= opLocalTee || op == opI32Const
	}
	for op, imm := range opcodes {
		if imm != immUnsupported && !named(op) && !simpleEffects[op].known {
			t.Errorf("opcode %#x has no effect", op)
		}
	}
	for first, lists := range map[int][2]any{opBulk: {bulkOpcodes, bulkEffects}, opVector: {vectorOpcodes, vectorEffects}} {
		for op, imm := range lists[0].(*[256]immediates) {
			if e := lists[1].(*[256]effect)[op]; (imm != immUnsupported) != e.known {
				t.Errorf("opcode %#x %#x: supported %v, effect known %v", first, op, imm != immUnsupported, e.known)
			}
		}
	}
}
