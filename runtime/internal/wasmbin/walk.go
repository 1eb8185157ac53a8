package wasmbin

import (
	"fmt"
	"slices"
)

// walker iterates over the instructions of one function body. It accepts only known instructions
// (opcodes.go) whose indices are defined in the original module.
type walker struct {
	reader
	m     *module
	depth int    // number of open blocks, including the body itself
	op    byte   // first byte of the current instruction
	at    int    // position of the current instruction, which ends at p
	index uint32 // function or type index, if it is a call
	sub   uint32 // second part of its opcode, if it has two parts
}

// walk returns a walker for a body, which begins with its local variables.
func (m *module) walk(body reader) walker { return walker{reader: body, m: m, depth: 1} }

// next advances to the next instruction. It returns false at the end of the body and after an
// error.
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

// prefixed reads the second part of an opcode and returns its immediates.
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

// nest counts open blocks. The body must end where its outermost block ends.
func (w *walker) nest() {
	switch w.op {
	case opBlock, opLoop, opIf:
		w.depth++
	case opEnd:
		w.depth--
	}
	if w.err == nil && (w.depth == 0) != (w.p == w.end) {
		w.fail("the body does not end with the end of its outermost block")
	}
}

// bounded reads an index of the given kind, which must be defined.
func (w *walker) bounded(k Kind) uint32 {
	i := w.u32()
	if n := w.m.defined(k); int64(i) >= int64(n) {
		w.fail("%s %d is not defined (there are %d)", k, i, n)
	}
	return i
}

// indirect reads the immediates of an indirect call. There is at most one table (validate.go).
func (w *walker) indirect() {
	w.index = w.m.typeIndex(&w.reader)
	if t := w.u32(); t != 0 || len(w.m.tables) == 0 {
		w.fail("an indirect call through table %d, which is not defined (there are %d)", t, len(w.m.tables))
	}
}

// blockType reads the type of a block, which is a signed number: negative for no result and for a
// value type, otherwise the index of a function type.
func (w *walker) blockType() {
	at := w.p
	switch v := w.signed(33); {
	case v >= int64(len(w.m.types)):
		w.fail("type %d is not defined (there are %d)", v, len(w.m.types))
	case v < 0 && v != noResult-0x80:
		w.p = at
		w.plainType()
	}
}

// plainType reads a value type that is not a reference.
func (w *walker) plainType() {
	if t := w.valueType(); isReference(t) {
		w.fail("references (%s) are not allowed", typeNames[t])
	}
}

func (w *walker) memoryOperand() {
	if align := w.u32(); align >= 1<<6 {
		w.fail("memory operand with flags %#x: multiple memories are not allowed", align)
	}
	w.u32()
}

// access is an encoded load or store.
type access struct {
	opcode, alignment, lane []byte
	offset                  uint64
}

// memory decodes the current instruction, which must be a load or a store.
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

// with returns the encoded access with another offset.
func (a access) with(offset uint64) []byte {
	return slices.Concat(a.opcode, a.alignment, appendU32(nil, uint32(offset)), a.lane)
}

func (w *walker) memoryIndex() {
	if i := w.u8(); i != 0 {
		w.fail("memory %d: multiple memories are not allowed", i)
	}
}

// locals reads the declarations of local variables and returns the number of variables.
func (w *walker) locals() uint32 {
	total := uint64(0)
	for n := w.count(2); n > 0 && w.err == nil; n-- {
		total += uint64(w.u32())
		w.plainType()
	}
	if total > maxLocals {
		w.fail("%d local variables, the limit is %d", total, maxLocals)
	}
	return uint32(total)
}

// maxLocals is the limit of other engines (WebAssembly JavaScript Interface,
// "Implementation-defined Limits").
const maxLocals = 50_000

// failure returns the error of the walk, if any, with the index of the function.
func (w *walker) failure(function int) error {
	if w.err == nil && w.depth != 0 {
		w.fail("the body is truncated")
	}
	if w.err == nil {
		return nil
	}
	return fmt.Errorf("function %d: %w", function, w.err)
}
