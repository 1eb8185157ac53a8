package wasmbin

// Opcodes that the rewrite reads or writes.
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
	opI64GtU             = 0x56
	opI32Add             = 0x6a
	opI32Sub             = 0x6b
	opI32ShrU            = 0x76
	opI64Add             = 0x7c
	opI64Shl             = 0x86
	opI64ExtendU         = 0xad

	opBulk   = 0xfc // first byte of saturating conversions and bulk memory
	opVector = 0xfd // first byte of vector instructions

	bulkCopy = 10 // after opBulk
	bulkFill = 11

	opV128Load  = 0x00 // after opVector
	opV128Store = 0x0b
	opV128Const = 0x0c

	noResult = 0x40 // block type
)

// immediates says what follows an opcode.
type immediates byte

const (
	refused immediates = iota // not in the list: the instruction is not allowed
	immNone
	immBlock     // block type
	immIndex     // an index that the engine validates: label, local
	immLabels    // br_table
	immGlobal    // index of a global
	immFunc      // index of a function
	immIndirect  // type and table
	immTypes     // select with types
	immMemory    // alignment and offset
	immZero      // the number of the memory
	immZeros     // twice
	immI32       // a constant
	immI64       //
	immByte      // a lane
	immWord      // 4 bytes
	immDouble    // 8 bytes
	immVector    // 16 bytes
	immMemoryRow // alignment, offset, lane
)

// opcodes lists what is allowed: WebAssembly 2.0 without tables and references, and tail calls. Opcodes of two parts (0xfc, 0xfd)
// have lists of their own.
var opcodes = table(
	row{0x00, 0x01, immNone}, row{0x02, 0x04, immBlock}, row{0x05, 0x05, immNone}, row{0x0b, 0x0b, immNone}, // control
	row{0x0c, 0x0d, immIndex}, row{0x0e, 0x0e, immLabels}, row{0x0f, 0x0f, immNone}, // br, br_if, br_table, return
	row{0x10, 0x10, immFunc}, row{0x11, 0x11, immIndirect}, row{0x12, 0x12, immFunc}, row{0x13, 0x13, immIndirect}, // calls
	row{0x1a, 0x1b, immNone}, row{0x1c, 0x1c, immTypes}, // drop, select
	row{0x20, 0x22, immIndex}, row{0x23, 0x24, immGlobal}, // variables
	row{0x28, 0x3e, immMemory}, row{0x3f, 0x40, immZero}, // memory
	row{0x41, 0x41, immI32}, row{0x42, 0x42, immI64}, row{0x43, 0x43, immWord}, row{0x44, 0x44, immDouble}, // constants
	row{0x45, 0xc4, immNone}, // arithmetic, with sign extension
)

var bulkOpcodes = table(
	row{0, 7, immNone}, row{10, 10, immZeros}, row{11, 11, immZero}, // saturating conversions, memory.copy, memory.fill
)

var vectorOpcodes = table(
	row{0x00, 0x0b, immMemory}, row{0x0c, 0x0d, immVector}, row{0x0e, 0x14, immNone}, row{0x15, 0x22, immByte},
	row{0x23, 0x53, immNone}, row{0x54, 0x5b, immMemoryRow}, row{0x5c, 0x5d, immMemory}, row{0x5e, 0x99, immNone},
	row{0x9b, 0xa1, immNone}, row{0xa3, 0xa4, immNone}, row{0xa7, 0xae, immNone}, row{0xb1, 0xb1, immNone}, row{0xb5, 0xba, immNone},
	row{0xbc, 0xc1, immNone}, row{0xc3, 0xc4, immNone}, row{0xc7, 0xce, immNone}, row{0xd1, 0xd1, immNone}, row{0xd5, 0xe1, immNone},
	row{0xe3, 0xed, immNone}, row{0xef, 0xff, immNone},
)

// row gives the opcodes from first to last the same immediates.
type row struct {
	first, last byte
	imm         immediates
}

func table(rows ...row) *[256]immediates {
	var t [256]immediates
	for _, r := range rows {
		for op := int(r.first); op <= int(r.last); op++ {
			t[op] = r.imm
		}
	}
	return &t
}
