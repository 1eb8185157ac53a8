package wasmbin

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// wantError expects that Prepare refuses with a message that has all the words.
func wantError(t *testing.T, bin []byte, o Options, words ...string) {
	t.Helper()
	if o.MaxPages == 0 {
		o.MaxPages = 100
	}
	p, err := Prepare(bin, o)
	if err == nil || p != nil {
		t.Errorf("prepared, want an error with %q", words)
		return
	}
	for _, w := range append(words, "wasmbin: ") {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q has no %q", err, w)
		}
	}
}

// complete is a module that has everything that is allowed. Function 2 is the one that refusals change.
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

func TestCompleteIsNotRefused(t *testing.T) {
	b := complete()
	b.function(b.typ("", ""), 0)
	prepareOrFail(t, b.bytes(), withFuel(10))
}

// TestInstructionsAreRefused puts single instructions into function 2. What follows them does not matter: the walk ends there.
func TestInstructionsAreRefused(t *testing.T) {
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
		"relaxed SIMD":               op(0xfd, 0x80, 0x02),
		"opcode 0xff":                op(0xff),
		"opcode 0x27":                op(0x27),
		"opcode 0xfc0012":            op(0xfc, 18),
		"opcode 0xfd009a":            op(0xfd, 0x9a, 0x01),
		"memory 1":                   op(0x3f, 1),
		"memory 2":                   op(0xfc, 11, 2),
		"memory 3":                   op(0xfc, 10, 0, 3),
		"several memories":           op(0x28, 0x42, 1, 0),
		"global 2 of 2":              op(opGlobalSet, 2), // the fuel counter's number
		"global 3 of 2":              op(opGlobalGet, 3),
		"function 3 of 3":            op(opCall, 3), // the number of the function that fills up
		"function 4 of 3":            op(opReturnCall, 4),
		"type 9 of 2":                op(opCallIndirect, 9, 0),
		"table 1 of 1":               op(opReturnCallIndirect, 0, 1),
		"type 2 of 2":                op(opBlock, 2),
		"a reference (funcref)":      op(opLoop, 0x70),
		"a reference (externref)":    op(0x1c, 1, 0x6f),
		"value type 0x63":            op(opBlock, 0x63),
		"items do not fit":           op(opBrTable, 0xff, 0xff, 0xff, 0xff, 0x0f),
		"integer of more than 32":    op(opI32Const, 0xff, 0xff, 0xff, 0xff, 0x1f),
		"integer of more than 64":    op(opI64Const, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x40),
		"integer of more than 33":    op(opBlock, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00),
		"does not end with its last": op(opEnd),
		"function 2: byte":           op(opBlock, noResult),
		"bytes wanted":               op(opF64Const),
	} {
		t.Run(name, func(t *testing.T) {
			b := complete()
			b.function(b.typ("", ""), 0, body)
			wantError(t, b.bytes(), withFuel(10), "function 2: ", name)
		})
	}
}

func TestRefusalGivesThePosition(t *testing.T) {
	b := complete()
	immUnsupported := op(0xfc, 16, 0)
	b.function(b.typ("", ""), 0, op(0x01, 0x01), immUnsupported, op(0x1a))
	bin := b.bytes()
	wantError(t, bin, Options{}, fmt.Sprintf("function 2: byte %#x: table.size is not allowed", bytes.Index(bin, immUnsupported)))
}

func TestDeclarationsAreRefused(t *testing.T) {
	active := func(b *builder, offset ...byte) { b.add(secElement, byte(0), offset, byte(opEnd), op(1, 0)) }
	for want, change := range map[string]func(b *builder){
		"2 tables":                                       func(b *builder) { b.table(1) },
		"a table of externref":                           func(b *builder) { b.sections[secTable] = [][]byte{{0x6f, 0, 10}} },
		"value type 0x40":                                func(b *builder) { b.sections[secTable] = [][]byte{{0x40, 0, 0x70, 0, 10, 0xd0, 0x70, opEnd}} },
		"the table is exported as \"t\"":                 func(b *builder) { b.export("t", KindTable, 0) },
		"table \"env\".\"t\" is imported":                func(b *builder) { b.add(secImport, text("env"), text("t"), op(1, 0x70, 0, 1)) },
		"memory \"env\".\"m\" is imported":               func(b *builder) { b.add(secImport, text("env"), text("m"), op(2, 0, 1)) },
		"mutable global \"env\".\"g\"":                   func(b *builder) { b.importGlobal("env", "g", i32, 1) },
		"module \"stage\" is ours":                       func(b *builder) { b.importGlobal("stage", "g", i32, 0) },
		"import \"env\".\"e\" is of kind 4 (exceptions)": func(b *builder) { b.add(secImport, text("env"), text("e"), op(4, 0, 0)) },
		"export \"e\" is of kind 4 (exceptions)":         func(b *builder) { b.export("e", 4, 0) },
		"export \"f\" is function 9 of 3":                func(b *builder) { b.export("f", KindFunc, 9) },
		"2 memories":                                     func(b *builder) { b.memory(0, 1) },
		"memory section: byte":                           func(b *builder) { b.sections[secMemory] = [][]byte{{3, 1, 2}} },
		"shared memory":                                  func(b *builder) { b.sections[secMemory] = [][]byte{{3, 1, 2}} },
		"64-bit memories":                                func(b *builder) { b.sections[secMemory] = [][]byte{{4, 1}} },
		"limits of form 0x8":                             func(b *builder) { b.sections[secMemory] = [][]byte{{8, 1, 0}} },
		"more than 65536 pages":                          func(b *builder) { b.sections[secMemory] = [][]byte{code(byte(0), uint32(65537))} },
		"a maximum of 1 below":                           func(b *builder) { b.sections[secMemory] = [][]byte{{1, 2, 1}} },
		"memory begins with 101 pages":                   func(b *builder) { b.sections[secMemory] = [][]byte{{0, 101}} },
		"start function":                                 func(b *builder) { b.start = op(0) },
		"type 2 has a reference (externref)":             func(b *builder) { b.typ("\x6f", "") },
		"form 0x5f: only plain function types":           func(b *builder) { b.add(secType, op(0x5f, 1, 0x7f, 0)) },
		"global 2 is of type mut v128":                   func(b *builder) { b.global(v128, 1, op(opVector, opV128Const), make([]byte, 16)) },
		"no constant (opcode 0xd0)":                      func(b *builder) { b.global("\x70", 0, op(0xd0, 0x70)) },
		"initial value is no constant (":                 func(b *builder) { b.global(i32, 0, op(0x6a)) },
		"an initial value is no constant":                func(b *builder) { b.global(v128, 0, op(opVector, 0x0f)) },
		"initial value is more than a":                   func(b *builder) { b.global(i32, 0, constant(1), constant(1), op(0x6a)) },
		"initial value of global 1":                      func(b *builder) { b.global(i32, 0, getG(1)) },
		"mutability 0x2":                                 func(b *builder) { b.global(i32, 2, constant(1)) },
		"segment 1: byte":                                func(b *builder) { active(b, opGlobalGet, 0) },
		"the offset is not constant":                     func(b *builder) { active(b, opGlobalGet, 0) },
		"the offset is more than a constant":             func(b *builder) { active(b, opI32Const, 1, opI32Const, 1, 0x6a) },
		"it ends at 11, the table has 10 slots":          func(b *builder) { active(b, opI32Const, 10) },
		"it ends at 4294967296, the table":               func(b *builder) { active(b, opI32Const, 0x7f) },
		"element segment 1: byte":                        func(b *builder) { b.add(secElement, op(1, 0, 1, 0)) },
		"passive and declarative":                        func(b *builder) { b.add(secElement, op(1, 0, 1, 0)) },
		"declarative segments":                           func(b *builder) { b.add(secElement, op(3, 0, 1, 0)) },
		"segments of expressions":                        func(b *builder) { b.add(secElement, op(4, opI32Const, 0, opEnd, 1, 0xd2, 0, opEnd)) },
		"segments of form 8 are":                         func(b *builder) { b.add(secElement, op(8, 0)) },
		"several tables are not":                         func(b *builder) { b.add(secElement, op(2, 1, opI32Const, 0, opEnd, 0, 1, 0)) },
		"something else than functions":                  func(b *builder) { b.add(secElement, op(2, 0, opI32Const, 0, opEnd, 1, 1, 0)) },
		"element segment 1: byte 0x6c: function 7":       func(b *builder) { b.elements(0, 7) },
		"the table has 0 slots":                          func(b *builder) { b.sections[secTable] = nil },
		"data segment 1: byte":                           func(b *builder) { b.add(secData, op(1, 1, 'x')) },
		"passive segments are not":                       func(b *builder) { b.add(secData, op(1, 1, 'x')) },
		"memory 1: several memories":                     func(b *builder) { b.add(secData, op(2, 1, opI32Const, 0, opEnd, 1, 'x')) },
		"segments of form 3 are":                         func(b *builder) { b.add(secData, op(3, 1, 'x')) },
		"offset is not constant":                         func(b *builder) { b.add(secData, op(0, opGlobalGet, 0, opEnd, 1, 'x')) },
		"ends at 65537, memory begins with":              func(b *builder) { b.data(65536, "x") },
		"ends at 4294967296, memory":                     func(b *builder) { b.data(-1, "x") },
		"memory begins with 0 bytes":                     func(b *builder) { b.sections[secMemory] = nil },
		"a name that is ours":                            func(b *builder) { b.export("tabcell.global1", KindGlobal, 0) },
		"\"tabcell.fuel\", a name":                       func(b *builder) { b.export("tabcell.fuel", KindFunc, 0) },
		"function 3: byte":                               func(b *builder) { b.rawFunction(0, code(op(1), uint32(1<<31), op(0x7f, opEnd))) },
		"2147483648 local variables":                     func(b *builder) { b.rawFunction(0, code(op(1), uint32(1<<31), op(0x7f, opEnd))) },
		"value type 0x64":                                func(b *builder) { b.rawFunction(0, op(1, 1, 0x64, 0, opEnd)) },
		"type 5 of 2":                                    func(b *builder) { b.function(5, 0) },
		"2 functions are declared, 1 have code":          func(b *builder) { b.rawFunction(0, op(0, opEnd)); b.sections[secCode] = b.sections[secCode][:1] },
	} {
		t.Run(want, func(t *testing.T) {
			b := complete()
			b.function(b.typ("", ""), 0)
			change(b)
			wantError(t, b.bytes(), withFuel(10), want)
		})
	}
}

func TestIndirectCallNeedsATable(t *testing.T) {
	b := complete()
	b.sections[secTable], b.sections[secElement] = nil, nil
	b.function(b.typ("", ""), 0, constant(0), indirect(0))
	wantError(t, b.bytes(), Options{}, "function 2: ", "table 0 of 0")
}

func TestTickIsChecked(t *testing.T) {
	b := complete()
	b.function(b.typ("", ""), 0)
	bin := b.bytes()
	wantError(t, bin, Options{Fuel: 1, TickModule: "tabcell", TickName: "tock"}, `"tabcell"."tock" is not imported`)
	wantError(t, bin, Options{Fuel: 1, TickModule: "host", TickName: "double"}, `"host"."double" is (i32) -> (i32)`)
	wantError(t, bin, Options{Fuel: 1, TickModule: "constants", TickName: "seven"}, "is not imported")
}

func TestOptionsAreChecked(t *testing.T) {
	bin := complete().bytes()
	wantError(t, bin, Options{Fuel: -1}, "fuel -1")
	wantError(t, bin, Options{MaxPages: maxPages}, "maximum of 65536 pages")
	if _, err := Prepare(bin, Options{}); err == nil {
		t.Error("no maximum is taken for one")
	}
}
