package wasmbin

// The opcodes that the rewrite reads or writes.
const (
	opUnreachable        = 0x00
	opBlock              = 0x02
	opLoop               = 0x03
	opIf                 = 0x04
	opElse               = 0x05
	opEnd                = 0x0b
	opBr                 = 0x0c
	opBrIf               = 0x0d
	opBrTable            = 0x0e
	opReturn             = 0x0f
	opCall               = 0x10
	opCallIndirect       = 0x11
	opReturnCall         = 0x12
	opReturnCallIndirect = 0x13
	opDrop               = 0x1a
	opSelect             = 0x1b
	opLocalGet           = 0x20
	opLocalSet           = 0x21
	opLocalTee           = 0x22
	opGlobalGet          = 0x23
	opGlobalSet          = 0x24
	opI32Load            = 0x28
	opI64Load            = 0x29
	opI32Load8U          = 0x2d
	opI32Load16U         = 0x2f
	opI32Store           = 0x36
	opI64Store           = 0x37
	opI32Store8          = 0x3a
	opI32Store16         = 0x3b
	opMemorySize         = 0x3f
	opMemoryGrow         = 0x40
	opI32Const           = 0x41
	opI64Const           = 0x42
	opF32Const           = 0x43
	opF64Const           = 0x44
	opI32Eqz             = 0x45
	opI32Eq              = 0x46
	opI32LtS             = 0x48
	opI32LtU             = 0x49
	opI32GtU             = 0x4b
	opI32LeU             = 0x4d
	opI32GeU             = 0x4f
	opI64Eq              = 0x51
	opI64GtU             = 0x56
	opI32Add             = 0x6a
	opI32Sub             = 0x6b
	opI32Mul             = 0x6c
	opI32DivS            = 0x6d
	opI32DivU            = 0x6e
	opI32RemS            = 0x6f
	opI32RemU            = 0x70
	opI32ShrU            = 0x76
	opI64Add             = 0x7c
	opI64Sub             = 0x7d
	opI64Mul             = 0x7e
	opI64DivS            = 0x7f
	opI64DivU            = 0x80
	opI64RemS            = 0x81
	opI64RemU            = 0x82
	opI64Shl             = 0x86
	opI64ExtendU         = 0xad

	opBulk   = 0xfc // first byte of saturating conversions and bulk memory
	opVector = 0xfd // first byte of vector instructions

	bulkCopy = 10 // second part, after opBulk
	bulkFill = 11

	opV128Load  = 0x00 // second part, after opVector
	opV128Store = 0x0b
	opV128Const = 0x0c

	opI8x16Splat      = 0x0f
	opV128Store8Lane  = 0x58
	opV128Store16Lane = 0x59
	opV128Store32Lane = 0x5a
	opV128Store64Lane = 0x5b

	noResult = 0x40 // block type without parameters and results
)

// immediates is the form of the immediate operands of an instruction.
type immediates byte

const (
	immUnsupported immediates = iota // not in the list: the instruction is not supported
	immNone
	immBlock      // block type
	immIndex      // an index that is checked only by the engine: label or local variable
	immLabels     // br_table
	immGlobal     // index of a global
	immFunc       // index of a function
	immIndirect   // type and table, of an indirect call
	immTypes      // select with types
	immMemory     // alignment and offset
	immZero       // memory index
	immZeros      // two memory indices
	immI32        // i32 constant
	immI64        //
	immByte       // a lane
	immWord       // 4 bytes
	immDouble     // 8 bytes
	immVector     // 16 bytes
	immMemoryLane // alignment, offset and lane
)

// opcodes lists the supported instructions: WebAssembly 2.0 without tables and references, and tail
// calls. Opcodes of two parts (0xfc, 0xfd) have separate lists.
var opcodes = opcodeTable(
	// control
	opRange{0x00, 0x01, immNone}, opRange{0x02, 0x04, immBlock}, opRange{0x05, 0x05, immNone}, opRange{0x0b, 0x0b, immNone},
	// br, br_if, br_table, return
	opRange{0x0c, 0x0d, immIndex}, opRange{0x0e, 0x0e, immLabels}, opRange{0x0f, 0x0f, immNone},
	// calls
	opRange{0x10, 0x10, immFunc}, opRange{0x11, 0x11, immIndirect}, opRange{0x12, 0x12, immFunc}, opRange{0x13, 0x13, immIndirect},
	// drop, select
	opRange{0x1a, 0x1b, immNone}, opRange{0x1c, 0x1c, immTypes},
	// variables
	opRange{0x20, 0x22, immIndex}, opRange{0x23, 0x24, immGlobal},
	// memory
	opRange{0x28, 0x3e, immMemory}, opRange{0x3f, 0x40, immZero},
	// constants
	opRange{0x41, 0x41, immI32}, opRange{0x42, 0x42, immI64}, opRange{0x43, 0x43, immWord}, opRange{0x44, 0x44, immDouble},
	// arithmetic, with sign extension
	opRange{0x45, 0xc4, immNone},
)

var bulkOpcodes = opcodeTable(
	// saturating conversions, memory.copy, memory.fill
	opRange{0, 7, immNone}, opRange{10, 10, immZeros}, opRange{11, 11, immZero},
)

var vectorOpcodes = opcodeTable(
	opRange{0x00, 0x0b, immMemory}, opRange{0x0c, 0x0d, immVector}, opRange{0x0e, 0x14, immNone}, opRange{0x15, 0x22, immByte},
	opRange{0x23, 0x53, immNone}, opRange{0x54, 0x5b, immMemoryLane}, opRange{0x5c, 0x5d, immMemory}, opRange{0x5e, 0x99, immNone},
	opRange{0x9b, 0xa1, immNone}, opRange{0xa3, 0xa4, immNone}, opRange{0xa7, 0xae, immNone}, opRange{0xb1, 0xb1, immNone}, opRange{0xb5, 0xba, immNone},
	opRange{0xbc, 0xc1, immNone}, opRange{0xc3, 0xc4, immNone}, opRange{0xc7, 0xce, immNone}, opRange{0xd1, 0xd1, immNone}, opRange{0xd5, 0xe1, immNone},
	opRange{0xe3, 0xed, immNone}, opRange{0xef, 0xff, immNone},
)

// opRange is a range of opcodes with the same immediates.
type opRange struct {
	first, last byte
	imm         immediates
}

func opcodeTable(rows ...opRange) *[256]immediates {
	var t [256]immediates
	for _, r := range rows {
		for op := int(r.first); op <= int(r.last); op++ {
			t[op] = r.imm
		}
	}
	return &t
}
