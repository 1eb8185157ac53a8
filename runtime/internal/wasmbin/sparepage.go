package wasmbin

// sparePage is an additional page at the end of the memory. The guest does not see it: for the
// guest, the memory is one page smaller.
type sparePage struct{ grow uint32 } // index of the function that replaces memory.grow

// addSparePage adds the function that replaces memory.grow.
func (a *additions) addSparePage() *sparePage {
	return &sparePage{a.function(signature{string([]byte{typeI32}), string([]byte{typeI32})}, growBody())}
}

// growBody returns the code of: old = memory.grow(pages); return old == -1 ? -1 : old - 1. It
// reuses the parameter for the old size.
func growBody() []byte {
	return []byte{
		opLocalGet, 0, opMemoryGrow, 0, opLocalTee, 0,
		opLocalGet, 0, opI32Const, 0x7f, opI32Eq, // -1
		opI32Eqz, opI32Sub, // subtract 1 if it is not -1
		opEnd,
	}
}

// replacement returns the code that replaces memory.size or memory.grow.
func (s *sparePage) replacement(op byte) []byte {
	if op == opMemorySize {
		return []byte{opMemorySize, 0, opI32Const, 1, opI32Sub}
	}
	return appendU32([]byte{opCall}, s.grow)
}
