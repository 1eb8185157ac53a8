package wasmbin

// buildControl uses all forms of blocks: with a type index, with parameters, with a jump table, and
// both forms of select.
func buildControl(b *builder) {
	unary := b.typ(i32, i32)
	b.export("switch", KindFunc, b.function(unary, 0,
		op(opBlock, noResult, opBlock, noResult, opBlock, noResult), get(0), op(opBrTable, 2, 0, 1, 2), op(opEnd),
		constant(10), op(0x0f, opEnd), constant(20), op(0x0f, opEnd), constant(30)))
	b.export("sum", KindFunc, b.function(unary, 1,
		get(0), constant(31), op(0x71), constant(1), op(0x72), set(0), // 1 to 31, odd
		op(opLoop, noResult), get(1), get(0), op(0x6a), set(1), get(0), constant(1), op(opI32Sub, 0x22, 0, 0x0d, 0, opEnd), get(1)))
	b.export("params", KindFunc, b.function(unary, 0, // doubles until the value exceeds 100
		get(0), constant(31), op(0x71), constant(1), op(0x72), byte(opLoop), unary, constant(2), op(0x6c, 0x22, 0),
		get(0), constant(100), op(0x48, 0x0d, 0, opEnd)))
	b.export("if", KindFunc, b.function(unary, 0,
		get(0), op(opIf, typeI32), constant(1), constant(2), get(0), op(0x1c, 1, typeI32), op(0x05), constant(3), constant(4), get(0),
		op(0x1b, opEnd)))
}

// buildVectors uses constants whose bytes look like a loop and an indirect call.
func buildVectors(b *builder) {
	misleading := op(opVector, opV128Const, opLoop, noResult, opCallIndirect, 0, 0, opEnd, opEnd, opLoop, noResult, 0, 0xfc, 8, 0, 0, 1, 2)
	b.memory(0, 1)
	b.export("lanes", KindFunc, b.function(b.typ(i32, i32), 0,
		constant(16), misleading, op(opVector, 0x0b, 0, 0), // store
		// load, splat, add
		constant(16), op(opVector, 0x00, 4, 0), get(0), op(opVector, 0x11, opVector, 0xae, 1),
		constant(32), misleading, op(opVector, 0x54, 0, 0, 3), // load8_lane
		op(opVector, 0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23), // shuffle
		op(opVector, 0x1b, 1))) // extract_lane
}

func buildBulk(b *builder) {
	b.memory(1, 1, 5)
	b.export("fill", KindFunc, b.function(b.typ(i32, i32), 0,
		constant(100), constant(7), get(0), op(opBulk, 11, 0), constant(200), constant(100), get(0), op(opBulk, 10, 0, 0),
		constant(205), op(0x2d, 0, 0)))
	b.export("grow", KindFunc, b.function(b.typ(i32, i32), 0, get(0), op(0x40, 0), constant(1000), op(0x6c, 0x3f, 0, 0x6a)))
}

func buildConversions(b *builder) {
	b.export("sat", KindFunc, b.function(b.typ(i32, i32), 0, get(0), op(0xb7, opF64Const, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0xa0, opBulk, 2),
		op(opF32Const, 0, 0, 0x11, 0x03, opBulk, 0, 0x6a)))
	b.export("ext", KindFunc, b.function(b.typ(i32, i32), 0, get(0), op(0xc0)))
	b.export("wide", KindFunc, b.function(b.typ(i32, i64), 0, get(0), op(0xac, opI64Const, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f),
		op(0x7c, 0xc3)))
}

// buildState defines overlapping data, and globals of all types, one of which is exported.
func buildState(b *builder) {
	seven := b.importGlobal("constants", "seven", i32, 0)
	count := b.global(i32, 1, constant(-5))
	fixed := b.global(i64, 0, op(opI64Const, 3))
	sum := b.global(i64, 1, op(opI64Const, 0x7f))
	copied := b.global(i32, 1, getG(seven))
	b.global(f32, 1, op(opF32Const, 0, 0, 0x80, 0x3f))
	ratio := b.global(f64, 1, op(opF64Const, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f))
	b.global(v128, 0, op(opVector, opV128Const), make([]byte, 16))
	b.export("count", KindGlobal, count)
	b.memory(0, 1)
	b.data(4, "0123456789")
	b.data(8, "abc")
	b.add(secData, byte(2), byte(0), constant(65530), byte(opEnd), text("\x01\x02\x03\x04\x05\x06"))
	b.export("bump", KindFunc, b.function(b.typ(i32, i64), 0,
		getG(count), get(0), op(0x6a), setG(count), getG(sum), getG(count), op(0xac, 0x7c), getG(fixed), op(0x7c), setG(sum), getG(sum)))
	b.export("halve", KindFunc, b.function(b.typ(i32, f64), 0, getG(ratio), op(opF64Const, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0xa2), setG(ratio), getG(ratio)))
	b.export("peek", KindFunc, b.function(b.typ(i32, i32), 0, get(0), op(0x2d, 0, 0), constant(65535), op(0x2d, 0, 0, 0x6a)))
	b.export("seven", KindFunc, b.function(b.typ(i32, i32), 0, getG(copied), getG(seven), op(0x6c)))
}
