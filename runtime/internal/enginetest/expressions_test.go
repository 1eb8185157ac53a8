package enginetest

import "math"

// operation is an instruction with operands.
type operation struct {
	code     []byte
	operands []byte // types
	nan      bool   // whether the result may be a NaN of unspecified bits
	divides  bool   // whether the last operand must not be 0
	float    byte   // the type of the lanes of a vector that may be NaN
	lanes    int    // if not 0, the code needs the number of a lane
	shuffles bool   // the code needs the numbers of 16 lanes
}

// operations has the instructions without side effects by the type of their result.
var operations = func() map[byte][]operation {
	all := map[byte][]operation{}
	add := func(result byte, from, to byte, o operation) {
		for op := int(from); op <= int(to); op++ {
			o.code = []byte{byte(op)}
			all[result] = append(all[result], o)
		}
	}
	add(i32, 0x45, 0x45, operation{operands: []byte{i32}})
	add(i32, 0x46, 0x4f, operation{operands: []byte{i32, i32}})
	add(i32, 0x50, 0x50, operation{operands: []byte{i64}})
	add(i32, 0x51, 0x5a, operation{operands: []byte{i64, i64}})
	add(i32, 0x5b, 0x60, operation{operands: []byte{f32, f32}})
	add(i32, 0x61, 0x66, operation{operands: []byte{f64, f64}})
	for i, t := range []byte{i32, i64} {
		first := byte(0x67 + 0x12*i)
		add(t, first, first+2, operation{operands: []byte{t}})
		add(t, first+3, first+5, operation{operands: []byte{t, t}})
		add(t, first+6, first+9, operation{operands: []byte{t, t}, divides: true})
		add(t, first+10, first+17, operation{operands: []byte{t, t}})
	}
	for i, t := range []byte{f32, f64} {
		first := byte(0x8b + 0x0e*i)
		add(t, first, first+1, operation{operands: []byte{t}})
		add(t, first+2, first+6, operation{operands: []byte{t}, nan: true})
		add(t, first+7, first+12, operation{operands: []byte{t, t}, nan: true})
		add(t, first+13, first+13, operation{operands: []byte{t, t}})
	}
	add(i32, 0xa7, 0xa7, operation{operands: []byte{i64}})
	add(i64, 0xac, 0xad, operation{operands: []byte{i32}})
	add(f32, 0xb2, 0xb3, operation{operands: []byte{i32}})
	add(f32, 0xb4, 0xb5, operation{operands: []byte{i64}})
	add(f32, 0xb6, 0xb6, operation{operands: []byte{f64}, nan: true})
	add(f64, 0xb7, 0xb8, operation{operands: []byte{i32}})
	add(f64, 0xb9, 0xba, operation{operands: []byte{i64}})
	add(f64, 0xbb, 0xbb, operation{operands: []byte{f32}, nan: true})
	add(i32, 0xbc, 0xbc, operation{operands: []byte{f32}})
	add(i64, 0xbd, 0xbd, operation{operands: []byte{f64}})
	add(f32, 0xbe, 0xbe, operation{operands: []byte{i32}, nan: true})
	add(f64, 0xbf, 0xbf, operation{operands: []byte{i64}, nan: true})
	add(i32, 0xc0, 0xc1, operation{operands: []byte{i32}})
	add(i64, 0xc2, 0xc4, operation{operands: []byte{i64}})
	for i, operand := range []byte{f32, f32, f64, f64, f32, f32, f64, f64} { // saturating conversions
		result := byte(i32)
		if i >= 4 {
			result = i64
		}
		all[result] = append(all[result], operation{code: []byte{0xfc, byte(i)}, operands: []byte{operand}})
	}
	for _, t := range values {
		all[t] = append(all[t], vectorOperations(t)...)
	}
	return all
}()

// expression returns code that leaves a value of a type, nested up to a depth.
func (g *generator) expression(t byte, depth int) []byte {
	if g.budget--; g.budget < 0 || depth <= 0 || g.r.IntN(6) == 0 {
		return g.leaf(t)
	}
	switch g.r.IntN(12) {
	case 0, 1:
		return g.load(t, depth)
	case 2:
		return cat(g.expression(t, depth-1), tee(g.local(t)))
	case 3:
		return cat(g.expression(t, depth-1), g.expression(t, depth-1), g.expression(i32, depth-1), []byte{0x1c, 1, t})
	case 4:
		return cat(g.expression(i32, depth-1), []byte{0x04, t}, g.expression(t, depth-1), []byte{0x05}, g.expression(t, depth-1), []byte{0x0b})
	case 5:
		if t == i32 {
			return cat(g.expression(i32, depth-1), call(0))
		}
		if g.r.IntN(3) == 0 {
			return g.afterCall(t)
		}
	}
	return g.operation(t, depth)
}

func (g *generator) leaf(t byte) []byte {
	switch g.r.IntN(6) {
	case 0, 1:
		if t == v128 {
			return g.vectorConstant()
		}
		return constant(t, g.number(t))
	case 2:
		for i, other := range numbers {
			if other == t {
				return append([]byte{0x23}, leb(uint64(i+1))...)
			}
		}
	case 3:
		if t == i32 {
			return []byte{0x3f, 0} // memory.size
		}
	}
	return get(g.local(t))
}

func (g *generator) operation(t byte, depth int) []byte {
	o := operations[t][g.r.IntN(len(operations[t]))]
	var b []byte
	for _, operand := range o.operands {
		b = append(b, g.expression(operand, depth-1)...)
	}
	if o.divides && g.r.IntN(20) > 0 { // otherwise, nearly all calls would trap
		or := byte(0x72)
		if t == i64 {
			or = 0x84
		}
		b = append(b, cat(constant(t, 1), []byte{or})...)
	}
	b = cat(b, o.code, g.immediates(o))
	switch {
	case o.nan && t == v128:
		b = append(b, g.canonicalLanes(o.float)...)
	case o.nan:
		b = append(b, g.canonical(t)...)
	}
	return b
}

// canonical returns code that replaces a NaN by one with certain bits.
func (g *generator) canonical(t byte) []byte {
	x, eq := g.scratch[t], byte(0x5b)
	if t == f64 {
		eq = 0x61
	}
	return cat(tee(x), constant(t, canonicalNaN(t)), get(x), get(x), []byte{eq, 0x1b})
}

// canonicalNaN returns the bits of a NaN.
func canonicalNaN(t byte) uint64 {
	if t == f64 {
		return 0x7ff8000000000000
	}
	return uint64(math.Float32bits(float32(math.NaN())))
}

// address returns code that leaves an address, and an offset. The access is nearly always valid.
func (g *generator) address(depth int) (code []byte, offset uint64) {
	switch g.r.IntN(12) {
	case 0:
		return constant(i32, uint64(g.r.IntN(generatedPages*page-64))), uint64(g.r.IntN(48))
	case 1:
		return constant(i32, uint64(g.r.IntN(64))), uint64(g.r.IntN(generatedPages*page - 128))
	case 2:
		return get(g.local(i32)), uint64(g.r.IntN(64))
	case 3:
		if g.r.IntN(8) == 0 {
			return g.expression(i32, depth-1), g.number(i32) & (1<<32 - 1)
		}
	}
	mask := uint64(page>>g.r.IntN(8) - 1)
	return cat(g.expression(i32, depth-1), constant(i32, mask), []byte{0x71}), uint64(g.r.IntN(1 << g.r.IntN(15)))
}

func (g *generator) load(t byte, depth int) []byte {
	var loads []memoryOp
	for _, o := range memoryOps {
		if o.typ == t && !o.store {
			loads = append(loads, o)
		}
	}
	address, offset := g.address(depth)
	b := cat(address, access(loads[g.r.IntN(len(loads))].code, offset))
	if t == f32 || t == f64 {
		b = append(b, g.canonical(t)...)
	}
	return b
}

func (g *generator) store(depth int) []byte {
	var stores []memoryOp
	for _, o := range memoryOps {
		if o.store {
			stores = append(stores, o)
		}
	}
	o := stores[g.r.IntN(len(stores))]
	address, offset := g.address(depth)
	return cat(address, g.expression(o.typ, depth-1), access(o.code, offset))
}
