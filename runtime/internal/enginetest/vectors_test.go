package enginetest

import "slices"

// vectorRanges has ranges of instructions on vectors, by their numbers after the prefix, with the
// types of their operands and of their result.
var vectorRanges = []struct {
	from, to uint64
	operands []byte
	result   byte
	lanes    int  // if not 0, the instruction names one of so many lanes
	float    byte // the type of lanes that may be NaN; 0 for none
}{
	{14, 14, []byte{v128, v128}, v128, 0, 0}, // swizzle
	{15, 17, []byte{i32}, v128, 0, 0},        // splat
	{18, 18, []byte{i64}, v128, 0, 0},
	{19, 19, []byte{f32}, v128, 0, 0},
	{20, 20, []byte{f64}, v128, 0, 0},
	{21, 22, []byte{v128}, i32, 16, 0}, // extract_lane, replace_lane
	{23, 23, []byte{v128, i32}, v128, 16, 0},
	{24, 25, []byte{v128}, i32, 8, 0},
	{26, 26, []byte{v128, i32}, v128, 8, 0},
	{27, 27, []byte{v128}, i32, 4, 0},
	{28, 28, []byte{v128, i32}, v128, 4, 0},
	{29, 29, []byte{v128}, i64, 2, 0},
	{30, 30, []byte{v128, i64}, v128, 2, 0},
	{31, 31, []byte{v128}, f32, 4, f32},
	{32, 32, []byte{v128, f32}, v128, 4, 0},
	{33, 33, []byte{v128}, f64, 2, f64},
	{34, 34, []byte{v128, f64}, v128, 2, 0},
	{35, 76, []byte{v128, v128}, v128, 0, 0}, // comparisons
	{77, 77, []byte{v128}, v128, 0, 0},       // bits
	{78, 81, []byte{v128, v128}, v128, 0, 0},
	{82, 82, []byte{v128, v128, v128}, v128, 0, 0},
	{83, 83, []byte{v128}, i32, 0, 0},
	{94, 94, []byte{v128}, v128, 0, f32}, // demote, promote
	{95, 95, []byte{v128}, v128, 0, f64},
	{96, 98, []byte{v128}, v128, 0, 0}, // i8x16
	{99, 100, []byte{v128}, i32, 0, 0},
	{101, 102, []byte{v128, v128}, v128, 0, 0},
	{103, 106, []byte{v128}, v128, 0, f32}, // rounding
	{107, 109, []byte{v128, i32}, v128, 0, 0},
	{110, 115, []byte{v128, v128}, v128, 0, 0},
	{116, 117, []byte{v128}, v128, 0, f64},
	{118, 121, []byte{v128, v128}, v128, 0, 0},
	{122, 122, []byte{v128}, v128, 0, f64},
	{123, 123, []byte{v128, v128}, v128, 0, 0},
	{124, 129, []byte{v128}, v128, 0, 0}, // i16x8
	{130, 130, []byte{v128, v128}, v128, 0, 0},
	{131, 132, []byte{v128}, i32, 0, 0},
	{133, 134, []byte{v128, v128}, v128, 0, 0},
	{135, 138, []byte{v128}, v128, 0, 0},
	{139, 141, []byte{v128, i32}, v128, 0, 0},
	{142, 147, []byte{v128, v128}, v128, 0, 0},
	{148, 148, []byte{v128}, v128, 0, f64},
	{149, 153, []byte{v128, v128}, v128, 0, 0},
	{155, 159, []byte{v128, v128}, v128, 0, 0},
	{160, 161, []byte{v128}, v128, 0, 0}, // i32x4
	{163, 164, []byte{v128}, i32, 0, 0},
	{167, 170, []byte{v128}, v128, 0, 0},
	{171, 173, []byte{v128, i32}, v128, 0, 0},
	{174, 174, []byte{v128, v128}, v128, 0, 0},
	{177, 177, []byte{v128, v128}, v128, 0, 0},
	{181, 186, []byte{v128, v128}, v128, 0, 0},
	{188, 191, []byte{v128, v128}, v128, 0, 0},
	{192, 193, []byte{v128}, v128, 0, 0}, // i64x2
	{195, 196, []byte{v128}, i32, 0, 0},
	{199, 202, []byte{v128}, v128, 0, 0},
	{203, 205, []byte{v128, i32}, v128, 0, 0},
	{206, 206, []byte{v128, v128}, v128, 0, 0},
	{209, 209, []byte{v128, v128}, v128, 0, 0},
	{213, 223, []byte{v128, v128}, v128, 0, 0},
	{224, 225, []byte{v128}, v128, 0, f32}, // f32x4, f64x2
	{227, 227, []byte{v128}, v128, 0, f32},
	{228, 235, []byte{v128, v128}, v128, 0, f32},
	{236, 237, []byte{v128}, v128, 0, f64},
	{239, 239, []byte{v128}, v128, 0, f64},
	{240, 247, []byte{v128, v128}, v128, 0, f64},
	{248, 251, []byte{v128}, v128, 0, 0}, // conversions
	{252, 255, []byte{v128}, v128, 0, 0},
}

// eachVectorOperation calls do with the number and the code of each instruction that makes a vector of
// operands vectors.
func eachVectorOperation(operands int, do func(n uint64, op []byte)) {
	for _, r := range vectorRanges {
		for n := r.from; n <= r.to && r.result == v128 && slices.Equal(r.operands, slices.Repeat([]byte{v128}, operands)); n++ {
			do(n, vectorCode(n))
		}
	}
}

// vectorOperations returns the instructions of vectorRanges, and the shuffles.
func vectorOperations(result byte) (all []operation) {
	for _, r := range vectorRanges {
		for n := r.from; n <= r.to && r.result == result; n++ {
			all = append(all, operation{code: vectorCode(n), operands: r.operands, nan: r.float != 0, float: r.float, lanes: r.lanes})
		}
	}
	if result == v128 {
		all = append(all, operation{code: vectorCode(13), operands: []byte{v128, v128}, shuffles: true})
	}
	return all
}

func vectorCode(n uint64) []byte { return append([]byte{0xfd}, leb(n)...) }

// immediates returns the bytes that follow the code of an instruction on vectors.
func (g *generator) immediates(o operation) (b []byte) {
	switch {
	case o.lanes > 0:
		b = append(b, byte(g.r.IntN(o.lanes)))
	case o.shuffles:
		for range 16 {
			b = append(b, byte(g.r.IntN(32)))
		}
	}
	return b
}

// canonicalLanes returns code that replaces each lane that is NaN by one with certain bits.
func (g *generator) canonicalLanes(t byte) []byte {
	x, splat, eq := g.scratch[v128], uint64(19), uint64(65)
	if t == f64 {
		splat, eq = 20, 71
	}
	nan := cat(constant(t, canonicalNaN(t)), vectorCode(splat))
	return cat(tee(x), nan, get(x), get(x), vectorCode(eq), vectorCode(82))
}

// vectorConstant returns code that pushes random lanes of one type.
func (g *generator) vectorConstant() []byte {
	t, b := g.typ(), vectorCode(12)
	width := map[byte]int{i32: 4, f32: 4, i64: 8, f64: 8}[t]
	for range 16 / width {
		v := g.number(t)
		for range width {
			b, v = append(b, byte(v)), v>>8
		}
	}
	return b
}
