package wasmbin

// On arm64, wazero v1.12.0 can overwrite the quotient of a remainder instruction before it
// multiplies it (wazero's pull request 2508). With Options.ReplaceRemainders, remainders are
// therefore replaced by calls of added functions, which divide, multiply and subtract: the engine
// compiles these instructions correctly. The operands of an instruction are the parameters of its
// function.

// remainder has the opcodes that calculate a remainder in steps.
type remainder struct {
	typ               byte
	div, mul, sub, eq byte
	signed            bool
	constant          byte // opcode of a constant of the type
}

var remainderOps = map[byte]remainder{
	opI32RemS: {typeI32, opI32DivS, opI32Mul, opI32Sub, opI32Eq, true, opI32Const},
	opI32RemU: {typeI32, opI32DivU, opI32Mul, opI32Sub, opI32Eq, false, opI32Const},
	opI64RemS: {typeI64, opI64DivS, opI64Mul, opI64Sub, opI64Eq, true, opI64Const},
	opI64RemU: {typeI64, opI64DivU, opI64Mul, opI64Sub, opI64Eq, false, opI64Const},
}

// remainders adds the functions, each when its instruction first occurs.
type remainders struct {
	a  *additions
	of map[byte]uint32 // index of the function by opcode
}

// function returns the index of the function that replaces the instruction op. It returns false if
// r is nil or op is not a remainder.
func (r *remainders) function(op byte) (uint32, bool) {
	if r == nil {
		return 0, false
	}
	ops, ok := remainderOps[op]
	if !ok {
		return 0, false
	}
	f, ok := r.of[op]
	if !ok {
		s := signature{params: string([]byte{ops.typ, ops.typ}), results: string([]byte{ops.typ})}
		f = r.a.function(s, ops.body())
		r.of[op] = f
	}
	return f, true
}

// body returns the code of: x - x / y * y. The division traps if y is 0, as the remainder does.
// Unlike the remainder, it also traps for the smallest x and y = -1; y = 1 has the same remainder,
// which is 0.
func (r remainder) body() (b []byte) {
	if r.signed {
		const minusOne = 0x7f
		b = append(b, r.constant, 1, opLocalGet, 1, opLocalGet, 1, r.constant, minusOne, r.eq, opSelect, opLocalSet, 1)
	}
	b = append(b, opLocalGet, 0, opLocalGet, 0, opLocalGet, 1, r.div, opLocalGet, 1, r.mul, r.sub)
	return append(b, opEnd)
}
