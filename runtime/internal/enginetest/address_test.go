package enginetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// source is code that leaves an i32. Its function has the parameters of sourceParams, and memory
// with bytes whose sign bits are set.
type source struct {
	name string
	code []byte
}

// sourceParams are the parameters of the functions with sources: two i32, two i64, an f32 and an
// f64.
var sourceParams = []byte{i32, i32, i64, i64, f32, f64}

// sources has each kind of instruction that leaves an i32, and other origins of such values.
func sources(m *module) (all []source) {
	add := func(name string, parts ...[]byte) { all = append(all, source{name, cat(parts...)}) }
	two, one := cat(get(0), get(1)), get(0)
	add("parameter", one)
	add("constant", constant(i32, 1<<32-100))
	add("global", []byte{0x23, 0})
	add("host function", one, call(0))
	add("memory.size", []byte{0x3f, 0})
	add("memory.grow", constant(i32, 0), []byte{0x40, 0})
	add("failing memory.grow", constant(i32, 1<<31), []byte{0x40, 0})
	for op := byte(0x28); op <= 0x2f; op++ {
		if op == 0x28 || op >= 0x2c {
			add(fmt.Sprintf("load %#x", op), constant(i32, 64), access([]byte{op}, 1))
		}
	}
	for _, op := range []byte{0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1} {
		add(fmt.Sprintf("i32 %#x", op), one, []byte{op})
	}
	for op := byte(0x46); op <= 0x4f; op++ {
		add(fmt.Sprintf("i32 %#x", op), two, []byte{op})
	}
	for op := byte(0x6a); op <= 0x78; op++ {
		add(fmt.Sprintf("i32 %#x", op), two, []byte{op})
		add(fmt.Sprintf("i32 %#x with a constant", op), one, constant(i32, 3), []byte{op})
	}
	add("i64 eqz", get(2), []byte{0x50})
	for op := byte(0x51); op <= 0x5a; op++ {
		add(fmt.Sprintf("i64 %#x", op), get(2), get(3), []byte{op})
	}
	for op := byte(0x5b); op <= 0x60; op++ {
		add(fmt.Sprintf("f32 %#x", op), get(4), constant(f32, uint64(math.Float32bits(1))), []byte{op})
		add(fmt.Sprintf("f64 %#x", op+6), get(5), constant(f64, math.Float64bits(1)), []byte{op + 6})
	}
	add("wrap", get(2), []byte{0xa7})
	add("wrap of a sum", get(2), get(3), []byte{0x7c, 0xa7})
	for _, c := range []struct {
		local int
		code  []byte
	}{{4, []byte{0xa8}}, {4, []byte{0xa9}}, {5, []byte{0xaa}}, {5, []byte{0xab}}, {4, []byte{0xbc}},
		{4, []byte{0xfc, 0}}, {4, []byte{0xfc, 1}}, {5, []byte{0xfc, 2}}, {5, []byte{0xfc, 3}}} {
		add(fmt.Sprintf("conversion %x", c.code), get(c.local), c.code)
	}
	add("select", two, get(2), []byte{0x50, 0x1b})
	add("select of a comparison", two, two, []byte{0x48, 0x1b})
	vector := cat(get(2), []byte{0xfd, 0x12}) // i64x2.splat
	for _, lane := range []byte{0x15, 0x16, 0x18, 0x19, 0x1b} {
		add(fmt.Sprintf("lane %#x", lane), vector, []byte{0xfd, lane, 1})
	}
	for _, op := range [][]byte{{0x53}, {0x63}, {0x64}, {0x83, 1}, {0x84, 1}, {0xa3, 1}, {0xa4, 1}, {0xc3, 1}, {0xc4, 1}} {
		add(fmt.Sprintf("vector %x", op), vector, []byte{0xfd}, op)
	}
	return append(all, joins(m)...)
}

// joins has sources that pass a value through calls, results on the stack, and joins of control
// flow.
func joins(m *module) (all []source) {
	identity := m.function("", []byte{i32}, []byte{i32}, nil, get(0))
	many := make([]byte, 12) // more results than registers
	var body []byte
	for i := range many {
		many[i] = i32
		body = append(body, cat(get(0), constant(i32, uint64(i)), []byte{0x6b})...)
	}
	manyResults := m.function("", []byte{i32}, many, nil, body)
	manyParams := m.function("", many, []byte{i32}, nil, cat(get(11), get(10), []byte{0x6a}))
	m.table = []uint32{identity}
	var drops []byte
	for range len(many) - 1 {
		drops = append(drops, 0x1a)
	}
	var args []byte
	for range many {
		args = append(args, get(0)...)
	}
	add := func(name string, parts ...[]byte) { all = append(all, source{name, cat(parts...)}) }
	add("call", get(0), call(identity))
	add("call_indirect", get(0), constant(i32, 0), append([]byte{0x11}, append(leb(uint64(m.typ([]byte{i32}, []byte{i32}))), 0)...))
	add("result on the stack", get(0), call(manyResults), drops)
	add("last result", get(0), call(manyResults), set(0), drops, get(0))
	add("parameter on the stack", args, call(manyParams))
	add("if", get(1), []byte{0x04, i32}, get(2), []byte{0xa7, 0x05}, constant(i32, 64), access([]byte{0x2c}, 0), []byte{0x0b})
	add("br_if", []byte{0x02, i32}, constant(i32, 70), access([]byte{0x2e}, 0), get(1), []byte{0x0d, 0, 0x1a}, get(0), []byte{0x0b})
	add("br_table", []byte{0x02, i32}, get(0), get(1), constant(i32, 3), []byte{0x71, 0x0e, 1, 0, 0, 0x0b})
	add("spilled across a call", get(0), constant(i32, 1), call(0), []byte{0x6a})
	return all
}

// uses has code that uses an i32 in a way that depends on the upper half of its register.
var uses = func() map[string][]byte {
	all := map[string][]byte{"extended": {0xad}, "extended with a sign": {0xac}, "index": {0x02, 0x40, 0x0b}}
	for _, addend := range []uint64{1, 200, 1<<31 - 1, 1 << 32} {
		all[fmt.Sprintf("extended plus %d", addend)] = cat([]byte{0xad}, constant(i64, addend), []byte{0x7c})
	}
	for _, offset := range []uint64{0, 1, 100, 200, 70000, 1 << 31, 1<<32 - 100} {
		for _, o := range []memoryOp{memoryOps[0], memoryOps[1], memoryOps[4], memoryOps[23]} {
			all[fmt.Sprintf("address of %s, offset %d", o.name, offset)] = o.access(nil, offset)
		}
	}
	delete(all, "index")
	return all
}()

// TestAddresses uses values from all sources as addresses and in 64-bit sums. The compiler takes
// the upper half of their registers as zero.
func TestAddresses(t *testing.T) {
	all := engines(t)
	m := &module{minPages: 1, maxPages: 2, globals: [][]byte{cat([]byte{i32, 1}, constant(i32, 1<<32-50), []byte{0x0b})}}
	var names []string
	for _, s := range sources(m) {
		for use, code := range uses {
			name := s.name + ": " + use
			names = append(names, name)
			m.function(name, sourceParams, []byte{i64}, nil, cat(s.code, code))
		}
	}
	p := compile(t, all, m).instantiate(t)
	p.eachMemory(func(m api.Memory) {
		for i := range uint32(256) {
			m.WriteByte(i, byte(255-i))
		}
	})
	values := []int64{0, 1, 100, page - 1, -1, -100, -129, math.MinInt32, math.MaxInt32}
	for _, name := range names {
		for i, v := range values {
			w := values[(i*5+3)%len(values)]
			p.call(t, name, uint64(uint32(v)), uint64(uint32(w)), uint64(v), uint64(w),
				uint64(math.Float32bits(float32(v))), math.Float64bits(float64(v)))
		}
		if t.Failed() {
			t.FailNow()
		}
	}
}
