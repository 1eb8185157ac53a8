package wasmbin

// effect describes the effect of an instruction on the operand stack and on memory. Control
// instructions, calls, and instructions for local variables have no entry here; the tracker handles
// them (values.go).
type effect struct {
	pops, pushes byte
	reach        byte // bytes that are read or written at address + offset; 0 for no memory access
	known        bool // false if the table has no entry
}

var (
	monadic = effect{pops: 1, pushes: 1, known: true}
	dyadic  = effect{pops: 2, pushes: 1, known: true}
	triadic = effect{pops: 3, pushes: 1, known: true}
	moves   = effect{pops: 3, known: true}
	pushes  = effect{pushes: 1, known: true}
	drops   = effect{pops: 1, known: true}
	nothing = effect{known: true}
)

func load(reach byte) effect     { return effect{pops: 1, pushes: 1, reach: reach, known: true} }
func loadLane(reach byte) effect { return effect{pops: 2, pushes: 1, reach: reach, known: true} }
func storeOf(reach byte) effect  { return effect{pops: 2, reach: reach, known: true} }

// group is a range of opcodes with the same effect.
type group struct {
	first, last byte
	effect
}

func effectTable(groups ...group) *[256]effect {
	var t [256]effect
	for _, g := range groups {
		for op := int(g.first); op <= int(g.last); op++ {
			t[op] = g.effect
		}
	}
	return &t
}

var simpleEffects = effectTable(
	group{0x01, 0x01, nothing}, group{0x1a, 0x1a, drops}, group{0x1b, 0x1c, triadic}, group{0x23, 0x23, pushes}, group{0x24, 0x24, drops},
	group{0x28, 0x28, load(4)}, group{0x29, 0x29, load(8)}, group{0x2a, 0x2a, load(4)}, group{0x2b, 0x2b, load(8)},
	group{0x2c, 0x2d, load(1)}, group{0x2e, 0x2f, load(2)}, group{0x30, 0x31, load(1)}, group{0x32, 0x33, load(2)}, group{0x34, 0x35, load(4)},
	group{0x36, 0x36, storeOf(4)}, group{0x37, 0x37, storeOf(8)}, group{0x38, 0x38, storeOf(4)}, group{0x39, 0x39, storeOf(8)},
	group{0x3a, 0x3a, storeOf(1)}, group{0x3b, 0x3b, storeOf(2)}, group{0x3c, 0x3c, storeOf(1)}, group{0x3d, 0x3d, storeOf(2)}, group{0x3e, 0x3e, storeOf(4)},
	group{0x3f, 0x3f, pushes}, group{0x40, 0x40, monadic}, group{0x42, 0x44, pushes},
	group{0x45, 0x45, monadic}, group{0x46, 0x4f, dyadic}, group{0x50, 0x50, monadic}, group{0x51, 0x66, dyadic},
	group{0x67, 0x69, monadic}, group{0x6a, 0x78, dyadic}, group{0x79, 0x7b, monadic}, group{0x7c, 0x8a, dyadic},
	group{0x8b, 0x91, monadic}, group{0x92, 0x98, dyadic}, group{0x99, 0x9f, monadic}, group{0xa0, 0xa6, dyadic}, group{0xa7, 0xc4, monadic},
)

var bulkEffects = effectTable(group{0, 7, monadic}, group{10, 11, moves})

var vectorEffects = effectTable(
	// loads, stores, constants
	group{0x00, 0x00, load(16)}, group{0x01, 0x06, load(8)}, group{0x07, 0x07, load(1)}, group{0x08, 0x08, load(2)}, group{0x09, 0x09, load(4)},
	group{0x0a, 0x0a, load(8)}, group{0x0b, 0x0b, storeOf(16)}, group{0x0c, 0x0c, pushes}, group{0x0d, 0x0e, dyadic},
	// splats
	group{0x0f, 0x14, monadic},
	// lanes
	group{0x15, 0x16, monadic}, group{0x17, 0x17, dyadic}, group{0x18, 0x19, monadic}, group{0x1a, 0x1a, dyadic}, group{0x1b, 0x1b, monadic},
	group{0x1c, 0x1c, dyadic}, group{0x1d, 0x1d, monadic}, group{0x1e, 0x1e, dyadic}, group{0x1f, 0x1f, monadic}, group{0x20, 0x20, dyadic},
	group{0x21, 0x21, monadic}, group{0x22, 0x22, dyadic},
	// comparisons, bits
	group{0x23, 0x4c, dyadic}, group{0x4d, 0x4d, monadic}, group{0x4e, 0x51, dyadic}, group{0x52, 0x52, triadic}, group{0x53, 0x53, monadic},
	// lane accesses
	group{0x54, 0x54, loadLane(1)}, group{0x55, 0x55, loadLane(2)}, group{0x56, 0x56, loadLane(4)}, group{0x57, 0x57, loadLane(8)},
	group{0x58, 0x58, storeOf(1)}, group{0x59, 0x59, storeOf(2)}, group{0x5a, 0x5a, storeOf(4)}, group{0x5b, 0x5b, storeOf(8)},
	group{0x5c, 0x5c, load(4)}, group{0x5d, 0x5d, load(8)}, group{0x5e, 0x5f, monadic},
	// i8x16
	group{0x60, 0x64, monadic}, group{0x65, 0x66, dyadic}, group{0x67, 0x6a, monadic}, group{0x6b, 0x73, dyadic}, group{0x74, 0x75, monadic},
	group{0x76, 0x79, dyadic}, group{0x7a, 0x7a, monadic}, group{0x7b, 0x7b, dyadic}, group{0x7c, 0x7f, monadic},
	// i16x8
	group{0x80, 0x81, monadic}, group{0x82, 0x82, dyadic}, group{0x83, 0x84, monadic}, group{0x85, 0x86, dyadic}, group{0x87, 0x8a, monadic},
	group{0x8b, 0x93, dyadic}, group{0x94, 0x94, monadic}, group{0x95, 0x99, dyadic}, group{0x9b, 0x9f, dyadic},
	// i32x4
	group{0xa0, 0xa1, monadic}, group{0xa3, 0xa4, monadic}, group{0xa7, 0xaa, monadic}, group{0xab, 0xae, dyadic}, group{0xb1, 0xb1, dyadic},
	group{0xb5, 0xba, dyadic}, group{0xbc, 0xbf, dyadic},
	// i64x2
	group{0xc0, 0xc1, monadic}, group{0xc3, 0xc4, monadic}, group{0xc7, 0xca, monadic}, group{0xcb, 0xce, dyadic}, group{0xd1, 0xd1, dyadic},
	group{0xd5, 0xdf, dyadic},
	// f32x4, f64x2
	group{0xe0, 0xe1, monadic}, group{0xe3, 0xe3, monadic}, group{0xe4, 0xeb, dyadic}, group{0xec, 0xed, monadic}, group{0xef, 0xef, monadic},
	group{0xf0, 0xf7, dyadic}, group{0xf8, 0xff, monadic},
)

// effect returns the effect of the current instruction.
func (w *walker) effect() effect {
	switch {
	case w.op == opBulk && w.sub < 256:
		return bulkEffects[w.sub]
	case w.op == opVector && w.sub < 256:
		return vectorEffects[w.sub]
	}
	return simpleEffects[w.op]
}
