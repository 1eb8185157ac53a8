package wasmbin

import (
	"fmt"
	"testing"
)

// samples are modules whose results must stay the same, with the calls to compare.
var samples = []struct {
	name  string
	calls []invocation
	build func(b *builder)
}{
	{"signatures", concat(forEach("i", 12), forEach("j", 12), forEach("d", 12), forEach("two", 12)), buildSignatures},
	{"dense", forEach("i", 105), buildTable(identity, 0, 100)},
	{"not from index 0", forEach("i", 45), buildTable(identity, 3, 40)},
	{"gaps", forEach("i", 3*60+5), buildTable(func(i int) int { return 3*i + i/7 }, 1, 50)},
	{"sparse", concat(forEach("i", 300), around("i", 1000, 5000, 29_000, 90_000)), buildTable(scatter, 0, 60)},
	{"single", forEach("i", 5), buildTable(identity, 2, 1)},
	{"empty table", []invocation{invoke("i", 0), invoke("ok")}, buildTable(identity, 0, 0)},
	{"overlapping segments", forEach("i", 12), buildOverlap},
	{"equal types", forEach("i", 4), buildEqualTypes},
	{"tail calls", []invocation{invoke("down", 1_000_000), invoke("down_indirect", 1_000_000), invoke("down_indirect", 0)}, buildTailCalls},
	{"imported function in the table", forEach("i", 3), buildImported},
	{"wide signature", forEach("i", 4), buildWide},
	{"control", concat(forEach("switch", 6), forEach("sum", 10), forEach("params", 5), forEach("if", 3)), buildControl},
	{"vectors", forEach("lanes", 4), buildVectors},
	{"bulk", []invocation{invoke("fill", 10), invoke("fill", 70_000), invoke("grow", 2), invoke("grow", 200)}, buildBulk},
	{"conversions", concat(forEach("sat", 4), forEach("ext", 300), forEach("wide", 300)), buildConversions},
	{"globals and data", concat(forEach("bump", 5), forEach("halve", 3), forEach("peek", 20), forEach("seven", 2)), buildState},
}

func TestSamples(t *testing.T) {
	for _, s := range samples {
		for _, fuel := range []int32{0, 1, 1000} {
			t.Run(fmt.Sprintf("%s/fuel %d", s.name, fuel), func(t *testing.T) {
				b := &builder{}
				b.importFunc("tabcell", "tick", b.typ("", ""))
				s.build(b)
				if len(b.sections[secMemory]) == 0 {
					b.memory(0, 1)
				}
				bin := b.bytes()
				p := prepareOrFail(t, bin, Options{Fuel: fuel, TickModule: "tabcell", TickName: "tick"})
				newMachine(t).compare(bin, p, s.calls)
				second := prepareOrFail(t, bin, Options{Fuel: fuel, TickModule: "tabcell", TickName: "tick"})
				if string(second.Code) != string(p.Code) {
					t.Error("preparing the same module twice gave different results")
				}
			})
		}
	}
}

func concat(lists ...[]invocation) (all []invocation) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func around(name string, at ...uint64) (calls []invocation) {
	for _, v := range at {
		for i := v - 3; i < v+3; i++ {
			calls = append(calls, invoke(name, i))
		}
	}
	return calls
}

func identity(i int) int { return i }

// scatter spreads slots over distant clusters, so that dispatchers split, jump and compare.
func scatter(i int) int {
	return []int{0, 1000, 5000, 29_000, 90_000}[i%5] + (i/5)*(1+i%3)
}

// buildTable defines n functions, of which number i returns 11*i and is in slot from+at(i). The
// function "i" calls a slot.
func buildTable(at func(int) int, from, n int) func(b *builder) {
	return func(b *builder) {
		typ := b.typ("", i32)
		b.table(100_000)
		for i := range n {
			b.elements(from+at(i), b.function(typ, 0, constant(11*i)))
		}
		b.export("i", KindFunc, b.function(b.typ(i32, i32), 0, get(0), indirect(typ)))
		b.export("ok", KindFunc, b.function(typ, 0, constant(1)))
	}
}

func buildSignatures(b *builder) {
	i, j, d, two := b.typ(i32, i32), b.typ(i32+i64, i64), b.typ(f64, f64), b.typ(i32, i32+i32)
	b.table(10)
	b.elements(1,
		b.function(i, 0, get(0), constant(5), op(0x6c)),
		b.function(j, 0, get(1), get(0), op(0xac, 0x7c)),
		b.function(d, 0, get(0), get(0), op(0xa0)),
		b.function(two, 0, get(0), constant(1)),
		b.function(i, 0, get(0), constant(9), op(0x6a)),
	)
	b.elements(8, b.function(two, 0, constant(2), get(0)))
	b.export("i", KindFunc, b.function(b.typ(i32, i32), 0, constant(3), get(0), indirect(i)))
	b.export("j", KindFunc, b.function(b.typ(i32, i64), 0, constant(3), op(opI64Const, 4), get(0), indirect(j)))
	b.export("d", KindFunc, b.function(b.typ(i32, f64), 0, constant(3), op(0xb7), get(0), indirect(d)))
	b.export("two", KindFunc, b.function(b.typ(i32, i32), 0, constant(3), get(0), indirect(two), op(0x6b)))
}

func buildOverlap(b *builder) {
	typ := b.typ("", i32)
	one, two := b.function(typ, 0, constant(1)), b.function(typ, 0, constant(2))
	b.table(10)
	b.elements(2, one, one, one, one)
	b.elements(3, two, two)
	// with an explicit table index
	b.add(secElement, byte(2), byte(0), constant(9), byte(opEnd), byte(0), byte(1), two)
	b.export("i", KindFunc, b.function(b.typ(i32, i32), 0, get(0), indirect(typ)))
}

func buildEqualTypes(b *builder) {
	first, second := b.newType("", i32), b.newType("", i32)
	b.table(3)
	b.elements(0, b.function(first, 0, constant(1)), b.function(second, 0, constant(2)))
	b.export("i", KindFunc, b.function(b.typ(i32, i32), 0, get(0), indirect(first), get(0), indirect(second), op(0x6a)))
}

func buildTailCalls(b *builder) {
	typ := b.typ(i32, i32)
	body := func(next []byte) []byte {
		return code(get(0), op(0x45, opIf, noResult), constant(42), op(0x0f, opEnd), get(0), constant(1), op(opI32Sub), next)
	}
	self := b.funcs
	b.export("down", KindFunc, b.function(typ, 0, body(code(byte(opReturnCall), self))))
	b.table(2)
	b.elements(1, b.function(typ, 0, body(code(constant(1), byte(opReturnCallIndirect), typ, byte(0)))))
	b.export("down_indirect", KindFunc, b.funcs-1)
}

func buildImported(b *builder) {
	typ := b.typ(i32, i32)
	double := b.importFunc("host", "double", typ)
	b.table(2)
	b.elements(0, double, b.function(typ, 0, constant(1)))
	b.export("i", KindFunc, b.function(typ, 0, constant(21), get(0), indirect(typ)))
}

// buildWide uses more parameters and results than fit into registers.
func buildWide(b *builder) {
	params := ""
	var push []byte
	for n := range 30 {
		params += []string{i32, f64, i64}[n%3]
		push = append(push, code(constant(n*n), [][]byte{nil, {0xb7}, {0xac}}[n%3])...)
	}
	typ := b.typ(params, i64+i32+f64)
	b.table(3)
	b.elements(0,
		b.function(typ, 0, get(2), get(27), get(1)),
		b.function(typ, 0, get(29), get(0), get(28)),
	)
	b.export("i", KindFunc, b.function(b.typ(i32, i64+i32+f64), 0, push, get(0), indirect(typ)))
}
