package wasmbin

// memory.fill and memory.copy are single instructions regardless of the number of bytes, and
// hundreds of megabytes take a tenth of a second. With fuel, they are replaced by calls of two
// functions that move bulkChunk bytes at a time and pay for them, so that a deadline is checked
// between chunks.

const (
	bulkChunk = 1 << 20 // bytes
	bulkPrice = 8       // shift: one unit of fuel for every 256 bytes
)

// The parameters of both functions are the operands of their instructions.
const (
	bulkTo     = 0
	bulkFrom   = 1 // for memory.fill: the value
	bulkLength = 2
)

var bulkSignature = signature{params: string([]byte{typeI32, typeI32, typeI32})}

// bulk generates the body of such a function. The function pay returns the code of a fuel check
// (fuel.burn).
type bulk struct {
	code []byte
	pay  func(price []byte) []byte
}

// addBulk adds the functions that replace memory.copy and memory.fill. Each of them tail-calls another
// one for more than smallBulk bytes. A function that contains the original instruction saves all
// registers at its beginning, which would take longer than a short copy.
func (a *additions) addBulk(pay func(price []byte) []byte) (copying, filling uint32) {
	c, f := bulk{pay: pay}, bulk{pay: pay}
	long := a.function(bulkSignature, c.copying())
	copying = a.function(bulkSignature, new(bulk).copySmall().elseCall(long))
	long = a.function(bulkSignature, f.filling())
	return copying, a.function(bulkSignature, new(bulk).fillSmall().elseCall(long))
}

func (b *bulk) filling() []byte {
	op := []byte{opBulk, bulkFill, 0}
	b.checkEnd(bulkTo).returnIfEmpty()
	b.chunks(func() {
		b.get(bulkTo).get(bulkFrom).constant(bulkChunk).add(op...)
		b.advance(bulkTo, opI32Add).advance(bulkLength, opI32Sub)
	})
	return b.finish(op)
}

// copying copies upwards if the destination is below the source and downwards otherwise, so that
// overlapping ranges are copied as by a single instruction.
func (b *bulk) copying() []byte {
	op := []byte{opBulk, bulkCopy, 0, 0}
	b.checkEnd(bulkTo).checkEnd(bulkFrom).returnIfEmpty()
	b.get(bulkTo).get(bulkFrom).add(opI32LtU, opIf, noResult)
	b.chunks(func() {
		b.get(bulkTo).get(bulkFrom).constant(bulkChunk).add(op...)
		b.advance(bulkTo, opI32Add).advance(bulkFrom, opI32Add).advance(bulkLength, opI32Sub)
	})
	b.add(opElse)
	b.chunks(func() {
		b.advance(bulkLength, opI32Sub)
		b.get(bulkTo).get(bulkLength).add(opI32Add).get(bulkFrom).get(bulkLength).add(opI32Add).constant(bulkChunk).add(op...)
	})
	b.add(opEnd)
	return b.finish(op)
}

// smallBulk is the largest number of bytes that are copied and filled by a few accesses. Most ranges are
// that short, and the engine's own instruction, which is a call, takes five times as long.
const smallBulk = 64

// copySmall generates code that copies 1 to smallBulk bytes: two or four accesses that may overlap. All
// are read before the first is written, and the last bytes are written first. So an access that traps
// does so before anything is written, as the original instruction does.
func (b *bulk) copySmall() *bulk {
	b.ifSmall()
	b.get(bulkLength).constant(32).add(opI32GtU, opIf, noResult)
	vector := smallAccesses[0]
	for _, offset := range []byte{0, 16} {
		b.get(bulkTo).get(bulkFrom).add(vector.load...).add(offset)
	}
	for _, last := range []int32{32, 16} {
		b.get(bulkTo).addressOfLast(last).get(bulkFrom).addressOfLast(last).add(vector.load...).add(0)
	}
	for _, offset := range []byte{0, 0, 16, 0} {
		b.add(vector.store...).add(offset)
	}
	b.add(opReturn, opEnd)
	for _, a := range smallAccesses {
		b.get(bulkLength).constant(a.size).add(opI32GeU, opIf, noResult)
		b.get(bulkTo).get(bulkFrom).add(a.load...).add(0)
		b.get(bulkTo).addressOfLast(a.size).get(bulkFrom).addressOfLast(a.size).add(a.load...).add(0)
		b.add(a.store...).add(0).add(a.store...).add(0, opReturn, opEnd)
	}
	return b.add(opEnd)
}

// fillSmall generates code that fills 1 to smallBulk bytes in the same way.
func (b *bulk) fillSmall() *bulk {
	b.ifSmall()
	splat := []byte{opLocalGet, bulkFrom, opVector, opI8x16Splat}
	b.get(bulkLength).constant(32).add(opI32GtU, opIf, noResult)
	vector := smallAccesses[0]
	for _, last := range []int32{16, 32} {
		b.get(bulkTo).addressOfLast(last).add(splat...).add(vector.fill...).add(0)
	}
	for _, offset := range []byte{16, 0} {
		b.get(bulkTo).add(splat...).add(vector.fill...).add(offset)
	}
	b.add(opReturn, opEnd)
	for _, a := range smallAccesses {
		b.get(bulkLength).constant(a.size).add(opI32GeU, opIf, noResult)
		b.get(bulkTo).addressOfLast(a.size).add(splat...).add(a.fill...).add(0).add(a.lane...)
		b.get(bulkTo).add(splat...).add(a.fill...).add(0).add(a.lane...).add(opReturn, opEnd)
	}
	return b.add(opEnd)
}

// ifSmall generates the beginning of a block for 1 to smallBulk bytes. It reads the first byte of the
// destination: if that is so near the end of the address space that the address of the last bytes would
// wrap around, the read traps before they are written.
func (b *bulk) ifSmall() {
	b.get(bulkLength).constant(1).add(opI32Sub).constant(smallBulk).add(opI32LtU, opIf, noResult)
	b.get(bulkTo).add(opI32Load8U, 0, 0, opDrop)
}

// elseCall ends the function with a tail call of another with the same parameters.
func (b *bulk) elseCall(function uint32) []byte {
	b.get(bulkTo).get(bulkFrom).get(bulkLength).add(opReturnCall)
	return append(appendU32(b.code, function), opEnd)
}

func (b *bulk) returnIfEmpty() *bulk {
	return b.get(bulkLength).add(opI32Eqz, opIf, noResult, opReturn, opEnd)
}

// smallAccesses has loads and stores of decreasing size in bytes, without an alignment requirement. Their
// offsets follow. fill stores a part of a vector, its first lane.
var smallAccesses = []struct {
	size                    int32
	load, store, fill, lane []byte
}{
	{16, []byte{opVector, opV128Load, 0}, []byte{opVector, opV128Store, 0}, []byte{opVector, opV128Store, 0}, nil},
	{8, []byte{opI64Load, 0}, []byte{opI64Store, 0}, []byte{opVector, opV128Store64Lane, 0}, []byte{0}},
	{4, []byte{opI32Load, 0}, []byte{opI32Store, 0}, []byte{opVector, opV128Store32Lane, 0}, []byte{0}},
	{2, []byte{opI32Load16U, 0}, []byte{opI32Store16, 0}, []byte{opVector, opV128Store16Lane, 0}, []byte{0}},
	{1, []byte{opI32Load8U, 0}, []byte{opI32Store8, 0}, []byte{opVector, opV128Store8Lane, 0}, []byte{0}},
}

// addressOfLast generates code that turns the address on the stack, where a range begins, into the
// address of the last size bytes of that range.
func (b *bulk) addressOfLast(size int32) *bulk {
	return b.get(bulkLength).add(opI32Add).constant(size).add(opI32Sub)
}

// checkEnd generates code that traps if the range that begins at a parameter does not end inside
// the memory. The original instruction also traps before it moves anything.
func (b *bulk) checkEnd(begin byte) *bulk {
	b.get(begin).add(opI64ExtendU).get(bulkLength).add(opI64ExtendU, opI64Add)
	b.add(opMemorySize, 0, opI64ExtendU, opI64Const, 16, opI64Shl) // pages of 64 KiB
	return b.add(opI64GtU, opIf, noResult, opUnreachable, opEnd)
}

// chunks generates a loop that runs the code of one while more than a chunk is left.
func (b *bulk) chunks(one func()) {
	b.add(opLoop, noResult)
	b.get(bulkLength).constant(bulkChunk).add(opI32GtU, opIf, noResult)
	b.add(b.pay(appendI32([]byte{opI32Const}, bulkChunk>>bulkPrice))...)
	one()
	b.add(opBr, 1, opEnd, opEnd)
}

// finish generates code that pays for the remaining bytes and moves them.
func (b *bulk) finish(op []byte) []byte {
	price := bulk{}
	price.get(bulkLength).constant(bulkPrice).add(opI32ShrU)
	b.add(b.pay(price.code)...)
	return b.get(bulkTo).get(bulkFrom).get(bulkLength).add(op...).add(opEnd).code
}

func (b *bulk) advance(parameter, op byte) *bulk {
	return b.get(parameter).constant(bulkChunk).add(op, opLocalSet, parameter)
}

func (b *bulk) get(parameter byte) *bulk { return b.add(opLocalGet, parameter) }

func (b *bulk) constant(v int32) *bulk { return b.add(appendI32([]byte{opI32Const}, v)...) }

func (b *bulk) add(code ...byte) *bulk {
	b.code = append(b.code, code...)
	return b
}
