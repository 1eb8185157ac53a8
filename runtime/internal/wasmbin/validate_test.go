package wasmbin

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// wantError checks that Prepare returns an error whose message contains all the words.
func wantError(t *testing.T, bin []byte, o Options, words ...string) {
	t.Helper()
	if o.MaxPages == 0 {
		o.MaxPages = 100
	}
	p, err := Prepare(bin, o)
	if err == nil || p != nil {
		t.Errorf("Prepare returned no error, want one with %q", words)
		return
	}
	for _, w := range append(words, "wasmbin: ") {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not contain %q", err, w)
		}
	}
}

// complete returns a module that uses everything that is supported, for tests that add something
// unsupported. Functions 0 and 1 are imported; the tests define function 2.
func complete() *builder {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	b.importFunc("host", "double", b.typ(i32, i32))
	b.importGlobal("constants", "seven", i32, 0)
	b.table(10)
	b.memory(0, 1)
	b.global(i32, 1, constant(0))
	b.elements(1, 0)
	b.data(0, "x")
	return b
}

func TestCompleteModule(t *testing.T) {
	b := complete()
	b.function(b.typ("", ""), 0)
	prepareOrFail(t, b.bytes(), withFuel(10))
}

// TestUnsupportedInstructions puts single instructions into function 2. The code after them does
// not matter, because the walk ends there.
func TestUnsupportedInstructions(t *testing.T) {
	for name, body := range map[string][]byte{
		"table.get": op(0x25, 0), "table.set": op(0x26, 0), "table.init": op(0xfc, 12, 0, 0), "elem.drop": op(0xfc, 13, 0),
		"table.copy": op(0xfc, 14, 0, 0), "table.grow": op(0xfc, 15, 0), "table.size": op(0xfc, 16, 0), "table.fill": op(0xfc, 17, 0),
		"memory.init": op(0xfc, 8, 0, 0), "data.drop": op(0xfc, 9, 0),
		"ref.null": op(0xd0, 0x70), "ref.is_null": op(0xd1), "ref.func": op(0xd2, 0), "ref.eq": op(0xd3), "ref.as_non_null": op(0xd4),
		"br_on_null": op(0xd5, 0), "br_on_non_null": op(0xd6, 0), "call_ref": op(0x14, 0), "return_call_ref": op(0x15, 0),
		"garbage collection": op(0xfb, 0, 0),
		"an atomic":          op(0xfe, 0x10, 2, 0),
		"try (":              op(0x06, noResult), "catch (": op(0x07, 0), "throw (": op(0x08, 0), "rethrow": op(0x09, 0), "throw_ref": op(0x0a),
		"delegate": op(0x18, 0), "catch_all": op(0x19), "try_table": op(0x1f, noResult, 0),
		"relaxed SIMD":              op(0xfd, 0x80, 0x02),
		"opcode 0xff":               op(0xff),
		"opcode 0x27":               op(0x27),
		"opcode 0xfc0012":           op(0xfc, 18),
		"opcode 0xfd009a":           op(0xfd, 0x9a, 0x01),
		"memory 1":                  op(0x3f, 1),
		"memory 2":                  op(0xfc, 11, 2),
		"memory 3":                  op(0xfc, 10, 0, 3),
		"multiple memories":         op(0x28, 0x42, 1, 0),
		"global 2 is not defined":   op(opGlobalSet, 2), // the index of the fuel counter
		"global 3 is not defined":   op(opGlobalGet, 3),
		"function 3 is not defined": op(opCall, 3), // the index of the function that refills the counter
		"function 4 is not defined": op(opReturnCall, 4),
		"type 9 is not defined":     op(opCallIndirect, 9, 0),
		"table 1, which is not":     op(opReturnCallIndirect, 0, 1),
		"type 2 is not defined":     op(opBlock, 2),
		"references (funcref)":      op(opLoop, 0x70),
		"references (externref)":    op(0x1c, 1, 0x6f),
		"value type 0x63":           op(opBlock, 0x63),
		"items do not fit":          op(opBrTable, 0xff, 0xff, 0xff, 0xff, 0x0f),
		"integer of more than 32":   op(opI32Const, 0xff, 0xff, 0xff, 0xff, 0x1f),
		"integer of more than 64":   op(opI64Const, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x40),
		"integer of more than 33":   op(opBlock, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00),
		"does not end with the end": op(opEnd),
		"function 2: byte":          op(opBlock, noResult),
		"bytes expected":            op(opF64Const),
	} {
		t.Run(name, func(t *testing.T) {
			b := complete()
			b.function(b.typ("", ""), 0, body)
			wantError(t, b.bytes(), withFuel(10), "function 2: ", name)
		})
	}
}

func TestErrorPosition(t *testing.T) {
	b := complete()
	instruction := op(0xfc, 16, 0)
	b.function(b.typ("", ""), 0, op(0x01, 0x01), instruction, op(0x1a))
	bin := b.bytes()
	wantError(t, bin, Options{}, fmt.Sprintf("function 2: byte %#x: table.size is not allowed", bytes.Index(bin, instruction)))
}

func TestUnsupportedDeclarations(t *testing.T) {
	active := func(b *builder, offset ...byte) { b.add(secElement, byte(0), offset, byte(opEnd), op(1, 0)) }
	for want, change := range map[string]func(b *builder){
		"2 tables":                                    func(b *builder) { b.table(1) },
		"tables of externref":                         func(b *builder) { b.sections[secTable] = [][]byte{{0x6f, 0, 10}} },
		"value type 0x40":                             func(b *builder) { b.sections[secTable] = [][]byte{{0x40, 0, 0x70, 0, 10, 0xd0, 0x70, opEnd}} },
		"the table is exported as \"t\"":              func(b *builder) { b.export("t", KindTable, 0) },
		"table \"env\".\"t\" is imported":             func(b *builder) { b.add(secImport, text("env"), text("t"), op(1, 0x70, 0, 1)) },
		"memory \"env\".\"m\" is imported":            func(b *builder) { b.add(secImport, text("env"), text("m"), op(2, 0, 1)) },
		"mutable global \"env\".\"g\"":                func(b *builder) { b.importGlobal("env", "g", i32, 1) },
		"name \"stage\" is reserved":                  func(b *builder) { b.importGlobal("stage", "g", i32, 0) },
		"import \"env\".\"e\" has the unknown kind 4": func(b *builder) { b.add(secImport, text("env"), text("e"), op(4, 0, 0)) },
		"export \"e\" has the unknown kind 4":         func(b *builder) { b.export("e", 4, 0) },
		"export \"f\": function 9 is not defined":     func(b *builder) { b.export("f", KindFunc, 9) },
		"2 memories":                                  func(b *builder) { b.memory(0, 1) },
		"memory section: byte":                        func(b *builder) { b.sections[secMemory] = [][]byte{{3, 1, 2}} },
		"shared memory":                               func(b *builder) { b.sections[secMemory] = [][]byte{{3, 1, 2}} },
		"64-bit memories":                             func(b *builder) { b.sections[secMemory] = [][]byte{{4, 1}} },
		"flags 0x8 of limits":                         func(b *builder) { b.sections[secMemory] = [][]byte{{8, 1, 0}} },
		"more than 65536 pages":                       func(b *builder) { b.sections[secMemory] = [][]byte{code(byte(0), uint32(65537))} },
		"maximum 1 is below":                          func(b *builder) { b.sections[secMemory] = [][]byte{{1, 2, 1}} },
		"memory has at least 101 pages":               func(b *builder) { b.sections[secMemory] = [][]byte{{0, 101}} },
		"start function":                              func(b *builder) { b.start = op(0) },
		"type 2 uses references (externref)":          func(b *builder) { b.typ("\x6f", "") },
		"type of form 0x5f (":                         func(b *builder) { b.add(secType, op(0x5f, 1, 0x7f, 0)) },
		"global 2 has type mut v128":                  func(b *builder) { b.global(v128, 1, op(opVector, opV128Const), make([]byte, 16)) },
		"not a constant (opcode 0xd0)":                func(b *builder) { b.global("\x70", 0, op(0xd0, 0x70)) },
		"initial value is not a constant (":           func(b *builder) { b.global(i32, 0, op(0x6a)) },
		"initial value is not a constant":             func(b *builder) { b.global(v128, 0, op(opVector, 0x0f)) },
		"initial value is not a single":               func(b *builder) { b.global(i32, 0, constant(1), constant(1), op(0x6a)) },
		"initial value from global 1":                 func(b *builder) { b.global(i32, 0, getG(1)) },
		"mutability 0x2":                              func(b *builder) { b.global(i32, 2, constant(1)) },
		"segment 1: byte":                             func(b *builder) { active(b, opGlobalGet, 0) },
		"the offset is not a constant":                func(b *builder) { active(b, opGlobalGet, 0) },
		"the offset is not a single constant":         func(b *builder) { active(b, opI32Const, 1, opI32Const, 1, 0x6a) },
		"ends at 11, the table has 10 slots":          func(b *builder) { active(b, opI32Const, 10) },
		"ends at 4294967296, the table":               func(b *builder) { active(b, opI32Const, 0x7f) },
		"element segment 1: byte":                     func(b *builder) { b.add(secElement, op(1, 0, 1, 0)) },
		"passive and declarative":                     func(b *builder) { b.add(secElement, op(1, 0, 1, 0)) },
		"declarative segments":                        func(b *builder) { b.add(secElement, op(3, 0, 1, 0)) },
		"segments with expressions":                   func(b *builder) { b.add(secElement, op(4, opI32Const, 0, opEnd, 1, 0xd2, 0, opEnd)) },
		"unknown kind 8 of segment":                   func(b *builder) { b.add(secElement, op(8, 0)) },
		"multiple tables are not":                     func(b *builder) { b.add(secElement, op(2, 1, opI32Const, 0, opEnd, 0, 1, 0)) },
		"only segments of functions":                  func(b *builder) { b.add(secElement, op(2, 0, opI32Const, 0, opEnd, 1, 1, 0)) },
		"element segment 1: byte 0x6c: function 7":    func(b *builder) { b.elements(0, 7) },
		"the table has 0 slots":                       func(b *builder) { b.sections[secTable] = nil },
		"data segment 1: byte":                        func(b *builder) { b.add(secData, op(1, 1, 'x')) },
		"passive segments are not":                    func(b *builder) { b.add(secData, op(1, 1, 'x')) },
		"memory 1: multiple memories":                 func(b *builder) { b.add(secData, op(2, 1, opI32Const, 0, opEnd, 1, 'x')) },
		"unknown kind 3 of segment":                   func(b *builder) { b.add(secData, op(3, 1, 'x')) },
		"offset is not a constant":                    func(b *builder) { b.add(secData, op(0, opGlobalGet, 0, opEnd, 1, 'x')) },
		"ends at 65537, the memory has":               func(b *builder) { b.data(65536, "x") },
		"ends at 4294967296, the memory":              func(b *builder) { b.data(-1, "x") },
		"the memory has 0 bytes":                      func(b *builder) { b.sections[secMemory] = nil },
		"which is a reserved name":                    func(b *builder) { b.export("tabcell.global1", KindGlobal, 0) },
		"\"tabcell.fuel\", which":                     func(b *builder) { b.export("tabcell.fuel", KindFunc, 0) },
		"function 3: byte":                            func(b *builder) { b.rawFunction(0, code(op(1), uint32(1<<31), op(0x7f, opEnd))) },
		"2147483648 local variables":                  func(b *builder) { b.rawFunction(0, code(op(1), uint32(1<<31), op(0x7f, opEnd))) },
		"value type 0x64":                             func(b *builder) { b.rawFunction(0, op(1, 1, 0x64, 0, opEnd)) },
		"type 5 is not defined":                       func(b *builder) { b.function(5, 0) },
		"2 functions are declared, 1 have code":       func(b *builder) { b.rawFunction(0, op(0, opEnd)); b.sections[secCode] = b.sections[secCode][:1] },
	} {
		t.Run(want, func(t *testing.T) {
			b := complete()
			b.function(b.typ("", ""), 0)
			change(b)
			wantError(t, b.bytes(), withFuel(10), want)
		})
	}
}

func TestIndirectCallWithoutTable(t *testing.T) {
	b := complete()
	b.sections[secTable], b.sections[secElement] = nil, nil
	b.function(b.typ("", ""), 0, constant(0), indirect(0))
	wantError(t, b.bytes(), Options{}, "function 2: ", "table 0, which is not defined")
}

func TestTickFunction(t *testing.T) {
	b := complete()
	b.function(b.typ("", ""), 0)
	bin := b.bytes()
	wantError(t, bin, Options{Fuel: 1, TickModule: "tabcell", TickName: "tock"}, `"tabcell"."tock" is not imported`)
	wantError(t, bin, Options{Fuel: 1, TickModule: "host", TickName: "double"}, `"host"."double" has type (i32) -> (i32)`)
	wantError(t, bin, Options{Fuel: 1, TickModule: "constants", TickName: "seven"}, "is not imported")
}

func TestInvalidOptions(t *testing.T) {
	bin := complete().bytes()
	wantError(t, bin, Options{Fuel: -1}, "fuel -1")
	wantError(t, bin, Options{MaxPages: maxPages}, "maximum of 65536 pages")
	if _, err := Prepare(bin, Options{}); err == nil {
		t.Error("Prepare accepted options without MaxPages")
	}
}
