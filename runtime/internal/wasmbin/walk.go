package wasmbin

import (
	"fmt"
	"slices"
)

// walker goes through the instructions of one function body. It lets only known instructions pass (opcodes.go) whose indices are those
// of the original module.
type walker struct {
	reader
	m     *module
	depth int    // open blocks, the body itself included
	op    byte   // the instruction that next found, by its first byte
	at    int    // where it begins; it ends at p
	index uint32 // function or type index of a call
	sub   uint32 // second part of an opcode of two parts
}

// walk starts on a body, after its local variables.
func (m *module) walk(body reader) walker { return walker{reader: body, m: m, depth: 1} }

// next finds the next instruction. It answers false at the end of the body, and after a failure.
func (w *walker) next() bool {
	if !w.more() {
		return false
	}
	w.at = w.p
	w.op = w.u8()
	imm := opcodes[w.op]
	if imm == immUnsupported {
		imm = w.prefixed()
	}
	w.immediates(imm)
	w.nest()
	return w.err == nil
}

// prefixed reads the second part of an opcode.
func (w *walker) prefixed() immediates {
	var list *[256]immediates
	switch w.op {
	case opBulk:
		list = bulkOpcodes
	case opVector:
		list = vectorOpcodes
	default:
		w.unsupported(int(w.op))
		return immUnsupported
	}
	w.sub = w.u32()
	if w.sub >= uint32(len(list)) || list[w.sub] == immUnsupported {
		w.unsupported(int(w.op)<<16 | int(min(w.sub, 0xffff)))
		return immUnsupported
	}
	return list[w.sub]
}

func (w *walker) immediates(imm immediates) {
	switch imm {
	case immBlock:
		w.blockType()
	case immIndex:
		w.u32()
	case immLabels:
		for n := w.count(1) + 1; n > 0 && w.err == nil; n-- {
			w.u32()
		}
	case immGlobal:
		w.bounded(KindGlobal)
	case immFunc:
		w.index = w.bounded(KindFunc)
	case immIndirect:
		w.indirect()
	case immTypes:
		for n := w.count(1); n > 0 && w.err == nil; n-- {
			w.plainType()
		}
	case immMemory:
		w.memoryOperand()
	case immMemoryLane:
		w.memoryOperand()
		w.u8()
	case immZero:
		w.memoryIndex()
	case immZeros:
		w.memoryIndex()
		w.memoryIndex()
	case immI32:
		w.signed(32)
	case immI64:
		w.signed(64)
	case immByte:
		w.u8()
	case immWord:
		w.take(4)
	case immDouble:
		w.take(8)
	case immVector:
		w.take(16)
	}
}

// nest keeps count of blocks: the body ends with the end of its outermost block, and nowhere else.
func (w *walker) nest() {
	switch w.op {
	case opBlock, opLoop, opIf:
		w.depth++
	case opEnd:
		w.depth--
	}
	if w.err == nil && (w.depth == 0) != (w.p == w.end) {
		w.fail("the body does not end with its last end")
	}
}

func (w *walker) bounded(k Kind) uint32 {
	i := w.u32()
	if n := w.m.defined(k); int64(i) >= int64(n) {
		w.fail("%s %d of %d", k, i, n)
	}
	return i
}

// indirect reads the operands of an indirect call. There is one table at most (refuse.go).
func (w *walker) indirect() {
	w.index = w.m.typeIndex(&w.reader)
	if t := w.u32(); t != 0 || len(w.m.tables) == 0 {
		w.fail("an indirect call through table %d of %d", t, len(w.m.tables))
	}
}

// blockType reads nothing, a value type or the index of a function type, which share the numbers: the first two are negative.
func (w *walker) blockType() {
	at := w.p
	switch v := w.signed(33); {
	case v >= int64(len(w.m.types)):
		w.fail("type %d of %d", v, len(w.m.types))
	case v < 0 && v != noResult-0x80:
		w.p = at
		w.plainType()
	}
}

func (w *walker) plainType() {
	if t := w.valueType(); isReference(t) {
		w.fail("a reference (%s) is not allowed", typeNames[t])
	}
}

func (w *walker) memoryOperand() {
	if align := w.u32(); align >= 1<<6 {
		w.fail("a memory operand of form %#x (several memories)", align)
	}
	w.u32()
}

// access is a load or a store as it is written.
type access struct {
	opcode, alignment, lane []byte
	offset                  uint64
}

// memory reads the operands of the load or store that next found.
func (w *walker) memory() access {
	r := reader{b: w.b, p: w.at + 1, end: w.p}
	if w.op == opVector {
		r.u32()
	}
	op := r.p
	r.u32()
	a := access{opcode: w.b[w.at:op], alignment: w.b[op:r.p]}
	a.offset = uint64(r.u32())
	a.lane = w.b[r.p:w.p]
	return a
}

// with is the access at another offset.
func (a access) with(offset uint64) []byte {
	return slices.Concat(a.opcode, a.alignment, appendU32(nil, uint32(offset)), a.lane)
}

func (w *walker) memoryIndex() {
	if i := w.u8(); i != 0 {
		w.fail("memory %d: several memories are not allowed", i)
	}
}

// locals passes over the declarations of local variables, and counts them.
func (w *walker) locals() uint32 {
	total := uint64(0)
	for n := w.count(2); n > 0 && w.err == nil; n-- {
		total += uint64(w.u32())
		w.plainType()
	}
	if total > maxLocals {
		w.fail("%d local variables, at most %d are allowed", total, maxLocals)
	}
	return uint32(total)
}

// maxLocals is what other engines allow too (the WebAssembly JavaScript interface, "Implementation-defined Limits").
const maxLocals = 50_000

// failure says in which function the walk ended.
func (w *walker) failure(function int) error {
	if w.err == nil && w.depth != 0 {
		w.fail("the body has no end")
	}
	if w.err == nil {
		return nil
	}
	return fmt.Errorf("function %d: %w", function, w.err)
}
