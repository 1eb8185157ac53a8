package wasmbin

// spare is a page at the end of memory that the guest does not know of: it sees a memory of one page less.
type sparePage struct{ grow uint32 } // the function in place of memory.grow

// addSparePage adds the function.
func (a *additions) addSparePage() *sparePage {
	return &sparePage{a.function(signature{string([]byte{typeI32}), string([]byte{typeI32})}, growBody())}
}

// growBody: was = memory.grow(pages); was == -1 ? -1 : was - 1. The parameter is used again for what it was.
func growBody() []byte {
	return []byte{
		opLocalGet, 0, opMemoryGrow, 0, opLocalTee, 0,
		opLocalGet, 0, opI32Const, 0x7f, opI32Eq, // -1
		opI32Eqz, opI32Sub, // minus one, if it is another
		opEnd,
	}
}

// instead is the code in place of memory.size and memory.grow.
func (s *sparePage) replacement(op byte) []byte {
	if op == opMemorySize {
		return []byte{opMemorySize, 0, opI32Const, 1, opI32Sub}
	}
	return appendU32([]byte{opCall}, s.grow)
}
